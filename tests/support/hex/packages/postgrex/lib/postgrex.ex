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
    commands = Enum.flat_map(statements, &["--command", IO.iodata_to_binary(&1)])

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

  defp environment(config) do
    [
      {"PGHOST", config[:hostname] || "localhost"},
      {"PGPORT", to_string(config[:port] || 5432)},
      {"PGUSER", config[:username]},
      {"PGPASSWORD", config[:password]},
      {"PGDATABASE", config[:database]},
      {"PGCONNECT_TIMEOUT", "10"},
      # "relation … already exists, skipping" is no part of a result.
      {"PGOPTIONS", "-c client_min_messages=warning"}
    ]
  end
end
