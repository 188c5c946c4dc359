defmodule Bookkeeping.Application do
  @moduledoc false

  use Application

  @impl true
  def start(_type, _args) do
    Supervisor.start_link([Bookkeeping.Repo], strategy: :one_for_one, name: Bookkeeping.Supervisor)
  end
end
