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
    pending =
      repo
      |> versions()
      |> pending(List.wrap(folders), direction)
      |> chosen(direction, options)

    ensure_no_duplicates!(pending)
    if pending == [], do: log(options, "Migrations already #{direction}")
    for {version, _, file} <- pending, do: migrate(repo, version, load!(file), direction, options)
  end

  @doc "All migrations with `:up` or `:down`, by version."
  def migrations(repo, folders, _options \\ []) do
    versions = versions(repo)
    files = files(List.wrap(folders))
    known = Enum.map(files, &elem(&1, 0))
    lost = for version <- versions, version not in known, do: {:up, version, "** FILE NOT FOUND **"}

    there =
      for {version, name, _} <- files, do: {if(version in versions, do: :up, else: :down), version, name}

    Enum.sort_by(lost ++ there, &elem(&1, 1))
  end

  defp versions(repo) do
    repo.__adapter__().run!(
      repo.config(),
      [
        "CREATE TABLE IF NOT EXISTS schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp(0))",
        "SELECT version FROM schema_migrations ORDER BY version"
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
      options[:all] -> pending
      to = options[:to] -> Enum.filter(pending, fn {version, _, _} -> within?(direction, version, to) end)
      step = options[:step] -> Enum.take(pending, step)
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
    statements = Enum.map(commands, &DDL.sql/1) ++ [record(version, direction)]

    repo.__adapter__().run!(repo.config(), statements,
      transaction: not module.__migration__()[:disable_ddl_transaction]
    )

    seconds = div(System.monotonic_time(:millisecond) - started, 100) / 10
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
  defp record(version, :up), do: "INSERT INTO schema_migrations VALUES (#{version}, now() AT TIME ZONE 'UTC')"
  defp record(version, :down), do: "DELETE FROM schema_migrations WHERE version = #{version}"

  defp log(options, text), do: unless(options[:quiet], do: Logger.info(text))
end
