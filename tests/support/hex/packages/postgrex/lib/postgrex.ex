defmodule Postgrex do
  @moduledoc """
  Runs SQL against PostgreSQL with `psql`, each call in a connection of its own.
  """

  # Bytes that no value of these tests holds (ASCII's unit and record separators).
  @unit "\x1f"
  @record "\x1e"

  @doc """
  Runs the statements one after the other, all or nothing unless `transaction: false`, and gives the result of the
  last that had one. Values are texts.

  Options of the connection: `:hostname`, `:port`, `:username`, `:password`, `:database`.
  """
  def run(config, statements, options \\ []) do
    transaction = if Keyword.get(options, :transaction, true), do: ["--single-transaction"], else: []
    # psql would give its own name; Postgrex gives none.
    name =
      "SET application_name = '#{String.replace(parameters(config)[:application_name] || "", "'", "''")}'"

    commands = Enum.flat_map([name | statements], &["--command", IO.iodata_to_binary(&1)])

    arguments =
      ~w(--no-psqlrc --quiet --no-align --no-password --set=ON_ERROR_STOP=1 --set=VERBOSITY=verbose --pset=footer=off) ++
        ["--field-separator=#{@unit}", "--record-separator=#{@record}"] ++ transaction ++ commands

    case System.cmd("psql", arguments, env: environment(config), stderr_to_stdout: true) do
      {output, 0} -> {:ok, Postgrex.Result.parse(output, @unit, @record)}
      {output, _} -> {:error, Postgrex.Error.parse(output)}
    end
  end

  @doc "As `run/3`; raises `Postgrex.Error`."
  def run!(config, statements, options \\ []) do
    case run(config, statements, options) do
      {:ok, result} -> result
      {:error, error} -> raise error
    end
  end

  @doc "Calls `fun` while a connection of its own is in a transaction that has run `sql`."
  def hold!(config, sql, fun) do
    psql = System.find_executable("psql") || raise "there is no psql"
    arguments = ~w(--no-psqlrc --quiet --tuples-only --no-align --no-password --set=ON_ERROR_STOP=1)
    env = for {name, value} <- environment(config), value, do: {to_charlist(name), to_charlist(value)}

    port =
      Port.open({:spawn_executable, psql}, [
        :binary,
        :exit_status,
        :stderr_to_stdout,
        args: arguments,
        env: env
      ])

    Port.command(port, "SET application_name = '';\nBEGIN;\n#{sql};\n\\echo held\n")

    try do
      await!(port, "")
      fun.()
    after
      # Its input ends, and with it the transaction.
      if Port.info(port), do: Port.close(port)
    end
  end

  defp await!(port, said) do
    receive do
      {^port, {:data, text}} -> if text =~ "held", do: :ok, else: await!(port, said <> text)
      {^port, {:exit_status, _}} -> raise Postgrex.Error.parse(said)
    end
  end

  # `application_name`, `lock_timeout` and so on, as a repository's configuration gives them.
  defp parameters(config), do: config[:parameters] || []

  defp environment(config) do
    settings = for {name, value} <- parameters(config), name != :application_name, do: " -c #{name}=#{value}"

    [
      {"PGHOST", config[:hostname] || "localhost"},
      {"PGPORT", to_string(config[:port] || 5432)},
      {"PGUSER", config[:username]},
      {"PGPASSWORD", config[:password]},
      {"PGDATABASE", config[:database]},
      {"PGCONNECT_TIMEOUT", "10"},
      # "relation … already exists, skipping" is no part of a result.
      {"PGOPTIONS", "-c client_min_messages=warning#{settings}"}
    ]
  end
end
