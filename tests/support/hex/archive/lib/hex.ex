defmodule Hex do
  @moduledoc """
  A stand-in for Hex's Mix client, for machines that cannot install the real one.

  It serves rehearsals and tests: Mix finds a module of this name and resolves, fetches, locks and builds packages
  with it as it would with Hex. Signatures of the registry are not checked, so it refuses a registry that must be
  trusted (see `Hex.Registry`). There is no cache, no account and nothing that publishes.
  """

  @doc "The version of the archive; its suffix says what it is."
  def version, do: unquote(Mix.Project.config()[:version])

  @doc "Registers with Mix. Mix calls it when it meets the first dependency that no built-in source takes."
  def start do
    Enum.each([:crypto, :public_key, :ssl, :inets], &ensure_started!/1)
    unless Hex.SCM in Mix.SCM.available(), do: Mix.SCM.append(Hex.SCM)
    Mix.RemoteConverger.register(Hex.RemoteConverger)
    :ok
  end

  # Since Elixir 1.15 Mix takes applications that a project does not list off the code path.
  defp ensure_started!(application) do
    if function_exported?(Mix, :ensure_application!, 1), do: apply(Mix, :ensure_application!, [application])
    {:ok, _} = Application.ensure_all_started(application)
  end
end
