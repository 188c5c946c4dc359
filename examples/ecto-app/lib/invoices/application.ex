defmodule Invoices.Application do
  @moduledoc false

  use Application

  @impl true
  def start(_type, _args) do
    Supervisor.start_link([Invoices.Repo], strategy: :one_for_one, name: Invoices.Supervisor)
  end
end
