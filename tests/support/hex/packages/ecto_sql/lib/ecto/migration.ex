defmodule Ecto.Migration do
  @moduledoc """
  What a migration says: `use Ecto.Migration`, then `change/0`, or `up/0` and `down/0`.

  The words only note commands; `Ecto.Migrator` turns them round, into SQL, and runs them together. A migration can
  therefore not ask the database anything.
  """

  defmodule Table do
    @moduledoc false
    defstruct [:name, :prefix, primary_key: true]
  end

  defmodule Index do
    @moduledoc false
    defstruct [:name, :prefix, :table, :where, :using, columns: [], unique: false, concurrently: false]
  end

  defmodule Constraint do
    @moduledoc false
    defstruct [:name, :prefix, :table, :check, validate: true]
  end

  defmodule Reference do
    @moduledoc false
    defstruct [
      :table,
      :name,
      column: :id,
      type: :bigserial,
      on_delete: :nothing,
      on_update: :nothing,
      validate: true
    ]
  end

  defmacro __using__(_options) do
    quote do
      import Ecto.Migration
      @disable_ddl_transaction false
      @disable_migration_lock false
      @before_compile Ecto.Migration
    end
  end

  defmacro __before_compile__(_env) do
    quote do
      def __migration__ do
        [disable_ddl_transaction: @disable_ddl_transaction, disable_migration_lock: @disable_migration_lock]
      end
    end
  end

  @doc "The commands that `fun` notes, in its order."
  def noted(fun) do
    Process.put(__MODULE__, [])
    fun.()
    Enum.reverse(Process.delete(__MODULE__))
  end

  defp note(command), do: Process.put(__MODULE__, [command | Process.get(__MODULE__)])

  defmacro create(object, do: block), do: with_columns(:create, object, block)
  defmacro create_if_not_exists(object, do: block), do: with_columns(:create_if_not_exists, object, block)
  defmacro alter(object, do: block), do: with_columns(:alter, object, block)

  defp with_columns(command, object, block) do
    quote do
      Ecto.Migration.__columns__(unquote(command), unquote(object), fn -> unquote(block) end)
    end
  end

  @doc false
  def __columns__(command, table, fun) do
    outer = Process.get(__MODULE__)
    columns = noted(fun)
    Process.put(__MODULE__, outer)
    note({command, table, key(command, table) ++ columns})
  end

  defp key(:alter, _table), do: []
  defp key(_create, %Table{primary_key: false}), do: []
  defp key(_create, %Table{}), do: [{:add, :id, :bigserial, [primary_key: true]}]

  def create(%Table{} = table), do: note({:create, table, key(:create, table)})
  def create(object), do: note({:create, object})
  def create_if_not_exists(%Table{} = table), do: note({:create_if_not_exists, table, key(:create, table)})
  def create_if_not_exists(object), do: note({:create_if_not_exists, object})
  def drop(object, options \\ []), do: note({:drop, object, options[:mode] || :restrict})
  def drop_if_exists(object, options \\ []), do: note({:drop_if_exists, object, options[:mode] || :restrict})
  def rename(table, to: new), do: note({:rename, table, new})
  def rename(table, column, to: new), do: note({:rename, table, column, new})

  def table(name, options \\ []), do: struct!(Table, [{:name, to_string(name)} | prefixed(options)])

  def index(table, columns, options \\ []) do
    columns = List.wrap(columns)
    default = Enum.map_join([table | columns] ++ [:index], "_", &String.replace(to_string(&1), ~r/\W+/, "_"))
    {name, options} = Keyword.pop(options, :name, default)
    struct!(Index, [name: to_string(name), table: to_string(table), columns: columns] ++ prefixed(options))
  end

  # As Ecto.Migration.__prefix__/1: the migrator's prefix comes before the configured one, and bears no other beside it.
  defp prefixed(options) do
    given = Process.get({__MODULE__, :prefix})
    own = options[:prefix]

    cond do
      is_nil(own) ->
        Keyword.put(options, :prefix, given || Process.get({__MODULE__, :default_prefix}))

      is_nil(given) or given == to_string(own) ->
        options

      true ->
        raise Ecto.MigrationError, "the :prefix option `#{own}` does not match the migrator prefix `#{given}`"
    end
  end

  def unique_index(table, columns, options \\ []), do: index(table, columns, [{:unique, true} | options])

  def constraint(table, name, options \\ []) do
    struct!(Constraint, [name: to_string(name), table: to_string(table)] ++ prefixed(options))
  end

  def references(table, options \\ []), do: struct!(Reference, [{:table, to_string(table)} | options])

  def add(column, type, options \\ []), do: note({:add, column, type, options})
  def modify(column, type, options \\ []), do: note({:modify, column, type, options})
  def remove(column), do: note({:remove, column})
  def remove(column, type, options \\ []), do: note({:remove, column, type, options})

  def timestamps(options \\ []) do
    {type, options} = Keyword.pop(options, :type, :naive_datetime)
    {inserted_at, options} = Keyword.pop(options, :inserted_at, :inserted_at)
    {updated_at, options} = Keyword.pop(options, :updated_at, :updated_at)
    options = Keyword.put_new(options, :null, false)
    for column <- [inserted_at, updated_at], column, do: add(column, type, options)
  end

  def execute(up), do: note({:execute, up})
  def execute(up, down), do: note({:execute, up, down})

  @doc "SQL as it stands, for defaults."
  def fragment(sql), do: {:fragment, sql}

  @doc "All commands of a migration run together here, so there is nothing to flush."
  def flush, do: :ok

  @doc "`:up` or `:down`: the way the migration runs."
  def direction, do: Process.get({__MODULE__, :direction}, :up)
end
