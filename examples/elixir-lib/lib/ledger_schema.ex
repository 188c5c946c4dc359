defmodule LedgerSchema do
  @moduledoc """
  The tables of a ledger, shared by the applications that use them.

  The package has no repository of its own: an application runs the migrations of `migrations_path/0` with its own.
  """

  @doc """
  The folder of the migrations, wherever the package is installed: below `deps/` or in a release.
  """
  @spec migrations_path() :: Path.t()
  def migrations_path do
    Application.app_dir(:ledger_schema, ["priv", "repo", "migrations"])
  end
end
