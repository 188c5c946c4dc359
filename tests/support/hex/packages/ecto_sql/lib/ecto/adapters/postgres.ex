defmodule Ecto.Adapters.Postgres do
  @moduledoc """
  PostgreSQL, by way of `Postgrex`.
  """

  # An optional dependency: the application that has a repository brings it.
  @compile {:no_warn_undefined, [Postgrex]}

  def query!(config, sql), do: Postgrex.run!(config, [sql])

  @doc "Runs SQL of a migration; `transaction: false` when a statement may not stand in one."
  def run!(config, statements, options), do: Postgrex.run!(config, statements, options)

  @doc "Calls `fun` while another connection holds what `sql` locks; waits for it without limit."
  def hold!(config, sql, fun), do: Postgrex.hold!(config, sql, fun)

  @doc "Makes the database. The reason of a failure is a text."
  def storage_up(config) do
    alone(config, "CREATE DATABASE #{identifier(config)} ENCODING 'UTF8'", :duplicate_database, :already_up)
  end

  @doc "Removes the database."
  def storage_down(config) do
    alone(config, "DROP DATABASE #{identifier(config)}", :invalid_catalog_name, :already_down)
  end

  # Neither may stand in a transaction, nor in the database itself.
  defp alone(config, sql, expected, told) do
    case Postgrex.run(Keyword.put(config, :database, "postgres"), [sql], transaction: false) do
      {:ok, _} -> :ok
      {:error, %{postgres: %{code: ^expected}}} -> {:error, told}
      {:error, error} -> {:error, Exception.message(error)}
    end
  end

  defp identifier(config), do: ~s("#{String.replace(config[:database], "\"", "\"\"")}")
end
