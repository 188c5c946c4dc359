defmodule Ecto.Migrator do
  @moduledoc """
  Runs migrations, and keeps in the table `schema_migrations` which of them ran.
  """

  require Logger
  alias Ecto.Adapters.Postgres.DDL
  alias Ecto.Migration.Command

  @doc "Starts the repository unless it runs, calls `fun` with it, and stops it again."
  def with_repo(repo, fun, _options \\ []) do
    # In a release that only evaluates something, no application runs.
    {:ok, _} = Application.ensure_all_started(:ecto_sql)
    started = repo.start_link([])
    result = fun.(repo)
    with {:ok, _} <- started, do: repo.stop()
    {:ok, result, []}
  end

  @doc "The folder of the repository's own migrations in its application."
  def migrations_path(repo, folder \\ "migrations") do
    config = repo.config()
    priv = config[:priv] || "priv/#{repo |> Module.split() |> List.last() |> Macro.underscore()}"
    Application.app_dir(config[:otp_app], Path.join(priv, folder))
  end

  def run(repo, direction, options), do: run(repo, migrations_path(repo), direction, options)

  @doc """
  Runs the pending migrations of the folders up, or the run ones down: `:all`, `:to` a version, or `:step` of them.
  Gives their versions.
  """
  def run(repo, folders, direction, options) do
    Process.put({Ecto.Migration, :prefix}, options[:prefix])
    Process.put({Ecto.Migration, :default_prefix}, repo.config()[:migration_default_prefix])
    versions(repo, options)

    # Which are pending is read behind the lock: whoever waits for another finds its migrations done.
    locked(repo, List.wrap(folders), options, fn ->
      pending =
        repo
        |> versions(options)
        |> pending(List.wrap(folders), direction)
        |> chosen(direction, options)

      ensure_no_duplicates!(pending)
      if pending == [], do: log(options, "Migrations already #{direction}")
      for {version, _, file} <- pending, do: migrate(repo, version, load!(file), direction, options)
    end)
  end

  # A connection of its own holds the lock, not the one that migrates.
  defp locked(repo, folders, options, fun) do
    unlocked =
      repo.config()[:migration_lock] == false or
        Enum.any?(files(folders), fn {_, _, file} -> File.read!(file) =~ "@disable_migration_lock true" end)

    lock = "LOCK TABLE #{source(repo, options)} IN SHARE UPDATE EXCLUSIVE MODE"
    if unlocked, do: fun.(), else: repo.__adapter__().hold!(repo.config(), lock, fun)
  end

  # `migration_default_prefix` does not move it (Ecto.Migration.SchemaMigration).
  defp source(repo, options) do
    name = ~s("#{repo.config()[:migration_source] || "schema_migrations"}")
    if options[:prefix], do: ~s("#{options[:prefix]}".#{name}), else: name
  end

  @doc "All migrations with `:up` or `:down`, by version."
  def migrations(repo, folders, options \\ []) do
    versions = versions(repo, options)
    files = files(List.wrap(folders))
    known = Enum.map(files, &elem(&1, 0))
    lost = for version <- versions, version not in known, do: {:up, version, "** FILE NOT FOUND **"}

    there =
      for {version, name, _} <- files, do: {if(version in versions, do: :up, else: :down), version, name}

    Enum.sort_by(lost ++ there, &elem(&1, 1))
  end

  defp versions(repo, options) do
    table = source(repo, options)

    repo.__adapter__().run!(
      repo.config(),
      [
        "CREATE TABLE IF NOT EXISTS #{table} (version bigint PRIMARY KEY, inserted_at timestamp(0))",
        "SELECT version FROM #{table} ORDER BY version"
      ],
      []
    ).rows
    |> List.wrap()
    |> Enum.map(fn [version] -> String.to_integer(version) end)
  end

  defp pending(versions, folders, :up), do: Enum.reject(files(folders), &(elem(&1, 0) in versions))

  defp pending(versions, folders, :down),
    do: folders |> files() |> Enum.filter(&(elem(&1, 0) in versions)) |> Enum.reverse()

  # Files whose name does not begin with a number are passed over in silence, as by Ecto.
  defp files(folders) do
    for folder <- folders,
        file <- Path.wildcard(Path.join([folder, "**", "*.exs"])),
        {version, "_" <> name} <- [Integer.parse(Path.basename(file, ".exs"))] do
      {version, name, file}
    end
    |> Enum.sort()
  end

  defp chosen(pending, direction, options) do
    cond do
      options[:all] ->
        pending

      to = options[:to] ->
        Enum.filter(pending, fn {version, _, _} -> within?(direction, version, to) end)

      to = options[:to_exclusive] ->
        Enum.filter(pending, fn {version, _, _} -> version != to and within?(direction, version, to) end)

      step = options[:step] ->
        Enum.take(pending, step)
    end
  end

  defp within?(:up, version, to), do: version <= to
  defp within?(:down, version, to), do: version >= to

  defp ensure_no_duplicates!(pending) do
    for {index, what} <- [{0, "version"}, {1, "name"}] do
      keys = Enum.map(pending, &elem(&1, index))

      with [key | _] <- keys -- Enum.uniq(keys) do
        raise Ecto.MigrationError, "migrations can't be executed, migration #{what} #{key} is duplicated"
      end
    end
  end

  defp load!(file) do
    modules = for {module, _} <- Code.compile_file(file), do: module

    Enum.find(modules, &function_exported?(&1, :__migration__, 0)) ||
      raise Ecto.MigrationError, "file #{Path.relative_to_cwd(file)} does not define an Ecto.Migration"
  end

  defp migrate(repo, version, module, direction, options) do
    {operation, way} = operation(module, direction)
    log(options, "== Running #{version} #{inspect(module)}.#{operation}/0 #{way}")
    Process.put({Ecto.Migration, :direction}, direction)
    commands = Ecto.Migration.noted(fn -> apply(module, operation, []) end)

    commands =
      if way == :backward, do: commands |> Enum.reverse() |> Enum.map(&Command.reverse/1), else: commands

    Enum.each(commands, &log(options, Command.title(&1)))

    started = System.monotonic_time(:millisecond)
    ddl = Enum.map(commands, &DDL.sql/1)

    repo.__adapter__().run!(repo.config(), ddl ++ [record(source(repo, options), version, direction)],
      transaction: not module.__migration__()[:disable_ddl_transaction]
    )

    took = System.monotonic_time(:millisecond) - started
    if options[:log_migrations_sql], do: Enum.each(ddl, &log_query(&1, took / length(ddl)))
    seconds = div(took, 100) / 10
    log(options, "== Migrated #{version} in #{seconds}s")
    version
  end

  defp operation(module, direction) do
    cond do
      function_exported?(module, :change, 0) ->
        {:change, if(direction == :up, do: :forward, else: :backward)}

      function_exported?(module, direction, 0) ->
        {direction, :forward}

      true ->
        raise Ecto.MigrationError,
              "#{inspect(module)} does not implement a `#{direction}/0` or `change/0` function"
    end
  end

  # The row is of the same transaction as the migration, so a failure leaves neither.
  defp record(table, version, :up), do: "INSERT INTO #{table} VALUES (#{version}, now() AT TIME ZONE 'UTC')"
  defp record(table, version, :down), do: "DELETE FROM #{table} WHERE version = #{version}"

  defp log_query(sql, milliseconds),
    do: Logger.debug("QUERY OK db=#{Float.round(milliseconds, 1)}ms\n#{sql} []")

  defp log(options, text), do: unless(options[:quiet], do: Logger.info(text))
end
