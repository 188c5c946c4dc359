defmodule Mix.Tasks.Ecto.Rollback do
  @shortdoc "Rolls back the repository migrations"
  @moduledoc "Takes migrations back, the newest alone by default: `mix ecto.rollback [--migrations-path FOLDER …] [--all | -n STEPS | --to VERSION]`."

  use Mix.Task

  @impl true
  def run(args) do
    options = Mix.EctoSQL.options!(args)

    options =
      if options[:all] || options[:step] || options[:to] || options[:to_exclusive],
        do: options,
        else: [{:step, 1} | options]

    Mix.EctoSQL.each_repo(args, options, &Ecto.Migrator.run(&1, &2, :down, options))
  end
end
