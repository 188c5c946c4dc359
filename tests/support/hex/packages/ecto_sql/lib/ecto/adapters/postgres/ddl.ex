defmodule Ecto.Adapters.Postgres.DDL do
  @moduledoc """
  The SQL of a migration's command, for PostgreSQL.
  """

  alias Ecto.Migration.{Constraint, Index, Reference, Table}

  def sql({command, %Table{} = table, columns}) when command in [:create, :create_if_not_exists] do
    keys = for {:add, name, _, options} <- columns, options[:primary_key], do: quoted(name)
    key = if keys == [], do: [], else: ["PRIMARY KEY (#{Enum.join(keys, ", ")})"]
    parts = Enum.map_join(Enum.flat_map(columns, &column(table, &1)) ++ key, ", ", & &1)
    "CREATE TABLE #{if command == :create_if_not_exists, do: "IF NOT EXISTS "}#{named(table)} (#{parts})"
  end

  def sql({:alter, table, changes}) do
    "ALTER TABLE #{named(table)} #{Enum.map_join(Enum.flat_map(changes, &change(table, &1)), ", ", & &1)}"
  end

  def sql({command, %Index{} = index}) do
    columns = Enum.map_join(index.columns, ", ", &if(is_binary(&1), do: &1, else: quoted(&1)))

    [
      "CREATE #{if index.unique, do: "UNIQUE "}INDEX ",
      if(index.concurrently, do: "CONCURRENTLY ", else: ""),
      if(command == :create_if_not_exists, do: "IF NOT EXISTS ", else: ""),
      "#{quoted(index.name)} ON #{quoted(index.prefix, index.table)} ",
      if(index.using, do: "USING #{index.using} ", else: ""),
      "(#{columns})",
      if(index.where, do: " WHERE #{index.where}", else: "")
    ]
    |> IO.iodata_to_binary()
  end

  def sql({:create, %Constraint{} = one}) do
    "ALTER TABLE #{quoted(one.prefix, one.table)} ADD CONSTRAINT #{quoted(one.name)} CHECK (#{one.check})#{unless one.validate, do: " NOT VALID"}"
  end

  def sql({command, %Constraint{} = one, mode}) do
    "ALTER TABLE #{quoted(one.prefix, one.table)} DROP CONSTRAINT #{if_exists(command)}#{quoted(one.name)}#{cascade(mode)}"
  end

  def sql({command, object, mode}) when command in [:drop, :drop_if_exists] do
    {kind, concurrently} =
      case object do
        %Table{} -> {"TABLE", ""}
        %Index{concurrently: concurrently} -> {"INDEX", if(concurrently, do: "CONCURRENTLY ", else: "")}
      end

    "DROP #{kind} #{concurrently}#{if_exists(command)}#{named(object)}#{cascade(mode)}"
  end

  def sql({:rename, table, new}), do: "ALTER TABLE #{named(table)} RENAME TO #{quoted(new.name)}"

  def sql({:rename, table, column, new}),
    do: "ALTER TABLE #{named(table)} RENAME #{quoted(column)} TO #{quoted(new)}"

  def sql({:execute, sql}), do: sql
  def sql({:execute, sql, _down}), do: sql

  defp if_exists(command), do: if(command == :drop_if_exists, do: "IF EXISTS ", else: "")
  defp cascade(mode), do: if(mode == :cascade, do: " CASCADE", else: "")

  defp column(table, {:add, name, %Reference{} = reference, options}) do
    [
      "#{quoted(name)} #{type(key_type(reference), options)}#{options(key_type(reference), options)}",
      foreign_key(reference, table, name)
    ]
  end

  defp column(_table, {:add, name, type, options}) do
    ["#{quoted(name)} #{type(type, options)}#{options(type, options)}"]
  end

  defp change(table, {:add, _, _, _} = add) do
    [column | key] = column(table, add)
    ["ADD COLUMN #{column}" | Enum.map(key, &"ADD #{&1}")]
  end

  defp change(_table, {:modify, name, type, options}) do
    altered = "ALTER COLUMN #{quoted(name)}"

    [
      "#{altered} TYPE #{type(type, options)}",
      options[:null] == false && "#{altered} SET NOT NULL",
      options[:null] == true && "#{altered} DROP NOT NULL",
      Keyword.has_key?(options, :default) && "#{altered} SET#{default(type, options)}"
    ]
    |> Enum.filter(& &1)
  end

  defp change(table, {:remove, name, %Reference{} = reference, _}) do
    ["DROP CONSTRAINT #{quoted(key_name(reference, table, name))}", "DROP COLUMN #{quoted(name)}"]
  end

  defp change(_table, {:remove, name, _, _}), do: ["DROP COLUMN #{quoted(name)}"]
  defp change(_table, {:remove, name}), do: ["DROP COLUMN #{quoted(name)}"]

  defp foreign_key(reference, table, column) do
    "CONSTRAINT #{quoted(key_name(reference, table, column))} FOREIGN KEY (#{quoted(column)}) " <>
      "REFERENCES #{quoted(table.prefix, reference.table)}(#{quoted(reference.column)})" <>
      action("ON DELETE", reference.on_delete) <>
      action("ON UPDATE", reference.on_update) <> if(reference.validate, do: "", else: " NOT VALID")
  end

  defp key_name(reference, table, column), do: reference.name || "#{table.name}_#{column}_fkey"
  defp key_type(%Reference{type: type}), do: if(type in [:bigserial, :identity], do: :bigint, else: type)

  @actions %{
    nothing: "",
    delete_all: " CASCADE",
    update_all: " CASCADE",
    nilify_all: " SET NULL",
    restrict: " RESTRICT"
  }
  defp action(_event, :nothing), do: ""
  defp action(event, action), do: " #{event}#{Map.fetch!(@actions, action)}"

  defp options(type, options) do
    null = %{false => " NOT NULL", true => " NULL", nil => ""}
    "#{default(type, options)}#{null[options[:null]]}"
  end

  defp default(type, options) do
    case Keyword.fetch(options, :default) do
      {:ok, []} -> " DEFAULT ARRAY[]::#{plain_type(type)}"
      {:ok, value} -> " DEFAULT #{literal(value)}"
      :error -> ""
    end
  end

  defp literal(nil), do: "NULL"
  defp literal({:fragment, sql}), do: sql
  defp literal(value) when is_binary(value), do: "'#{String.replace(value, "'", "''")}'"
  defp literal(value) when is_boolean(value) or is_number(value), do: to_string(value)
  defp literal(value) when value == %{}, do: "'{}'"

  @types %{
    id: "bigint",
    binary_id: "uuid",
    string: "varchar",
    binary: "bytea",
    map: "jsonb",
    utc_datetime: "timestamp(0)",
    utc_datetime_usec: "timestamp",
    naive_datetime: "timestamp(0)",
    naive_datetime_usec: "timestamp"
  }

  # Without a size, as Ecto has it in a cast.
  defp plain_type({:array, inner}), do: plain_type(inner) <> "[]"
  defp plain_type(type), do: Map.get(@types, type, to_string(type))

  defp type({:array, inner}, options), do: type(inner, options) <> "[]"
  defp type({:map, _}, _options), do: "jsonb"
  defp type(:string, options), do: "varchar(#{options[:size] || 255})"

  defp type(:decimal, options) do
    case {options[:precision], options[:scale]} do
      {nil, _} -> "decimal"
      {precision, scale} -> "decimal(#{precision},#{scale || 0})"
    end
  end

  defp type(type, _options), do: plain_type(type)

  defp named(object), do: quoted(object.prefix, object.name)
  defp quoted(nil, name), do: quoted(name)
  defp quoted(prefix, name), do: "#{quoted(prefix)}.#{quoted(name)}"

  defp quoted(name) do
    text = to_string(name)
    if text =~ "\"", do: raise(ArgumentError, "bad name: #{inspect(text)}")
    "\"#{text}\""
  end
end
