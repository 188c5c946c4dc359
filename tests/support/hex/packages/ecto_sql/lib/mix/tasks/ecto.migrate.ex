defmodule Mix.Tasks.Ecto.Migrate do
  @shortdoc "Runs the repository migrations"
  @moduledoc "Runs pending migrations: `mix ecto.migrate [--migrations-path FOLDER …] [--all | -n STEPS | --to VERSION]`."

  use Mix.Task

  @impl true
  def run(args) do
    options = Mix.EctoSQL.options!(args)

    options =
      if options[:step] || options[:to] || options[:to_exclusive], do: options, else: [{:all, true} | options]

    Mix.EctoSQL.each_repo(args, options, &Ecto.Migrator.run(&1, &2, :up, options))
  end
end
