defmodule Mix.EctoSQL do
  @moduledoc "What the tasks of migrations share."

  @switches [
    all: :boolean,
    step: :integer,
    to: :integer,
    to_exclusive: :integer,
    quiet: :boolean,
    prefix: :string,
    log_level: :string,
    log_migrations_sql: :boolean,
    log_migrator_sql: :boolean,
    strict_version_order: :boolean,
    repo: :keep,
    no_compile: :boolean,
    no_deps_check: :boolean,
    pool_size: :integer,
    migrations_path: :keep
  ]

  @doc "The options of a task. Raises for one that is not known."
  def options!(args) do
    {options, _} = OptionParser.parse!(args, strict: @switches, aliases: [n: :step, r: :repo])
    options
  end

  @doc "Calls `fun` with each repository and the folders of its migrations."
  def each_repo(args, options, fun) do
    for repo <- Mix.Ecto.parse_repo(args) do
      Mix.Ecto.ensure_repo(repo, args)
      folders = folders(repo, options)
      {:ok, _, _} = Ecto.Migrator.with_repo(repo, &fun.(&1, folders))
    end

    # The log is written by a process of its own, which mix does not wait for.
    Logger.flush()
  end

  defp folders(repo, options) do
    given = Keyword.get_values(options, :migrations_path)
    folders = if given == [], do: [Path.join(priv(repo), "migrations")], else: given

    for folder <- folders, not File.dir?(folder) do
      Mix.raise(
        "Could not find migrations directory #{inspect(Path.relative_to_cwd(folder))}\nfor repo #{inspect(repo)}."
      )
    end

    folders
  end

  defp priv(repo),
    do: repo.config()[:priv] || "priv/#{repo |> Module.split() |> List.last() |> Macro.underscore()}"
end
