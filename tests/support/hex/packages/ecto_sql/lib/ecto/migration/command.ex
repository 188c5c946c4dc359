defmodule Ecto.Migration.Command do
  @moduledoc """
  Commands of migrations: how they are told, and how each is undone.
  """

  alias Ecto.Migration.{Constraint, Index, Table}

  @doc "The command as the log tells it."
  def title({:create, %Table{} = table, _}), do: "create table #{table.name}"
  def title({:create_if_not_exists, %Table{} = table, _}), do: "create table if not exists #{table.name}"
  def title({:alter, table, _}), do: "alter table #{table.name}"
  def title({:create, %Index{} = index}), do: "create index #{index.name}"
  def title({:create_if_not_exists, %Index{} = index}), do: "create index if not exists #{index.name}"
  def title({:create, %Constraint{} = one}), do: "create check constraint #{one.name} on table #{one.table}"
  def title({:drop, %Constraint{} = one, _}), do: "drop constraint #{one.name} from table #{one.table}"
  def title({:drop, object, _}), do: "drop #{kind(object)} #{object.name}"

  def title({:drop_if_exists, %Constraint{} = one, _}),
    do: "drop constraint if exists #{one.name} from table #{one.table}"

  def title({:drop_if_exists, object, _}), do: "drop #{kind(object)} if exists #{object.name}"
  def title({:rename, table, new}), do: "rename table #{table.name} to #{new.name}"
  def title({:rename, table, column, new}), do: "rename column #{column} to #{new} on table #{table.name}"
  def title({:execute, sql}), do: "execute #{inspect(sql)}"
  def title({:execute, sql, _}), do: "execute #{inspect(sql)}"

  defp kind(%Table{}), do: "table"
  defp kind(%Index{}), do: "index"

  @doc "The command that takes this one back. Raises `Ecto.MigrationError` where there is none."
  def reverse(command) do
    back(command) ||
      raise Ecto.MigrationError,
            "cannot reverse migration command: #{title(command)}. " <>
              "You will need to explicitly define up/0 and down/0 in your migration"
  end

  defp back({:create, %Table{} = table, _}), do: {:drop, table, :restrict}
  defp back({:create_if_not_exists, %Table{} = table, _}), do: {:drop_if_exists, table, :restrict}
  defp back({:create, object}), do: {:drop, object, :restrict}
  defp back({:create_if_not_exists, object}), do: {:drop_if_exists, object, :restrict}
  defp back({:drop, %Index{} = index, _}), do: {:create, index}
  defp back({:rename, table, new}), do: {:rename, new, table}
  defp back({:rename, table, column, new}), do: {:rename, table, new, column}
  defp back({:execute, up, down}), do: {:execute, down, up}

  defp back({:alter, table, changes}) do
    reversed = changes |> Enum.reverse() |> Enum.map(&back_column/1)
    if Enum.all?(reversed), do: {:alter, table, reversed}
  end

  defp back(_command), do: nil

  defp back_column({:add, name, type, _}), do: {:remove, name, type, []}
  defp back_column({:remove, name, type, options}), do: {:add, name, type, options}

  defp back_column({:modify, name, type, options}) do
    case options[:from] do
      nil ->
        nil

      {old, old_options} ->
        {:modify, name, old, [{:from, {type, Keyword.delete(options, :from)}} | old_options]}

      old ->
        {:modify, name, old, Keyword.put(options, :from, type)}
    end
  end

  defp back_column({:remove, _name}), do: nil
end
