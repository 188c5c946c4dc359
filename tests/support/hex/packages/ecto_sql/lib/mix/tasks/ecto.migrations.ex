defmodule Mix.Tasks.Ecto.Migrations do
  @shortdoc "Displays the repository migration status"
  @moduledoc "Shows which migrations ran: `mix ecto.migrations [--migrations-path FOLDER …]`."

  use Mix.Task

  @impl true
  def run(args) do
    options = Mix.EctoSQL.options!(args)

    Mix.EctoSQL.each_repo(args, options, fn repo, folders ->
      rows =
        for {status, version, name} <- Ecto.Migrator.migrations(repo, folders, options) do
          "  #{String.pad_trailing("#{status}", 10)}#{String.pad_trailing("#{version}", 16)}#{name}\n"
        end

      IO.puts("""

      Repo: #{inspect(repo)}

        Status    Migration ID    Migration Name
      --------------------------------------------------
      #{rows}\
      """)
    end)
  end
end
