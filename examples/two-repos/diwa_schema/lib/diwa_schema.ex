defmodule DiwaSchema do
  @moduledoc """
  The tables that `diwa-cloud` and `diwa-agent` share.

  An application that depends on this package has no migrations of its own:

      mix ecto.migrate --migrations-path deps/diwa_schema/priv/repo/migrations
  """

  @doc "The folder with the migrations, for `Ecto.Migrator.run/4` in a release."
  @spec migrations :: Path.t()
  def migrations do
    Application.app_dir(:diwa_schema, "priv/repo/migrations")
  end
end
