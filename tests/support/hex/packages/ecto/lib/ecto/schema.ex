defmodule Ecto.Schema do
  @moduledoc """
  A struct that knows its table: `schema "accounts" do field :name, :string end`.
  """

  defmacro __using__(_options) do
    quote do
      import Ecto.Schema, only: [schema: 2]
      @primary_key {:id, :id, autogenerate: true}
      @timestamps_opts []
      @before_compile Ecto.Schema
    end
  end

  defmacro schema(source, do: block) do
    quote do
      Module.register_attribute(__MODULE__, :ecto_fields, accumulate: true)
      Module.register_attribute(__MODULE__, :ecto_associations, accumulate: true)
      @ecto_source unquote(source)

      with {name, type, _} <- @primary_key, do: @ecto_fields({name, type, nil})

      try do
        import Ecto.Schema
        unquote(block)
      after
        :ok
      end

      fields = Enum.reverse(@ecto_fields)

      defstruct Enum.map(fields, fn {name, _, default} -> {name, default} end) ++
                  Enum.map(@ecto_associations, &{elem(&1, 0), nil})
    end
  end

  defmacro field(name, type \\ :string, options \\ []) do
    quote do: @ecto_fields({unquote(name), unquote(type), unquote(options)[:default]})
  end

  defmacro belongs_to(name, module, options \\ []) do
    quote do
      key = unquote(options)[:foreign_key] || :"#{unquote(name)}_id"
      @ecto_fields {key, unquote(options)[:type] || :id, nil}
      @ecto_associations {unquote(name), :belongs_to, unquote(module)}
    end
  end

  defmacro has_many(name, module, _options \\ []) do
    quote do: @ecto_associations({unquote(name), :has_many, unquote(module)})
  end

  defmacro has_one(name, module, _options \\ []) do
    quote do: @ecto_associations({unquote(name), :has_one, unquote(module)})
  end

  defmacro timestamps(options \\ []) do
    quote do
      options = Keyword.merge(@timestamps_opts, unquote(options))
      type = options[:type] || :naive_datetime

      for name <- [options[:inserted_at] || :inserted_at, Keyword.get(options, :updated_at, :updated_at)],
          name do
        @ecto_fields {name, type, nil}
      end
    end
  end

  defmacro __before_compile__(_env) do
    quote do
      @ecto_types Map.new(@ecto_fields, fn {name, type, _} -> {name, type} end)
      @ecto_names @ecto_fields |> Enum.map(&elem(&1, 0)) |> Enum.reverse()

      @doc false
      def __schema__(:source), do: @ecto_source
      def __schema__(:fields), do: @ecto_names
      def __schema__(:associations), do: Enum.map(@ecto_associations, &elem(&1, 0))

      @doc false
      def __schema__(:type, field), do: @ecto_types[field]
    end
  end
end
