defmodule Ecto.Changeset do
  @moduledoc """
  Changes to a struct, with the errors found in them.
  """

  defstruct data: nil, params: %{}, changes: %{}, errors: [], required: [], constraints: [], valid?: true

  @doc "Takes the permitted parameters into the changes, each in the type of its field."
  def cast(data, params, permitted) do
    params = Map.new(params, fn {key, value} -> {to_string(key), value} end)
    changeset = %__MODULE__{data: data, params: params}

    Enum.reduce(permitted, changeset, fn field, changeset ->
      case Map.fetch(params, to_string(field)) do
        {:ok, value} -> put(changeset, field, value, data.__struct__.__schema__(:type, field))
        :error -> changeset
      end
    end)
  end

  defp put(changeset, field, value, type) do
    with {:ok, value} <- dump(type, value) do
      if value == Map.fetch!(changeset.data, field),
        do: changeset,
        else: %{changeset | changes: Map.put(changeset.changes, field, value)}
    else
      :error -> add_error(changeset, field, "is invalid", type: type, validation: :cast)
    end
  end

  # An empty text is no value (Ecto's `empty_values`).
  defp dump(_type, value) when value in [nil, ""], do: {:ok, nil}
  defp dump(:string, value) when is_binary(value), do: {:ok, value}
  defp dump(type, value) when type in [:integer, :id] and is_integer(value), do: {:ok, value}

  defp dump(type, value) when type in [:integer, :id] and is_binary(value) do
    case Integer.parse(value) do
      {number, ""} -> {:ok, number}
      _ -> :error
    end
  end

  defp dump(:boolean, value) when is_boolean(value), do: {:ok, value}
  defp dump(:boolean, value) when value in ["true", "1"], do: {:ok, true}
  defp dump(:boolean, value) when value in ["false", "0"], do: {:ok, false}
  defp dump(:date, %Date{} = value), do: {:ok, value}
  defp dump(:date, value) when is_binary(value), do: with({:error, _} <- Date.from_iso8601(value), do: :error)
  defp dump(_type, _value), do: :error

  @doc "Adds an error for each of the fields that has no value, or only blanks."
  def validate_required(changeset, fields) do
    fields = List.wrap(fields)

    fields
    |> Enum.filter(&(not Keyword.has_key?(changeset.errors, &1) and blank?(get_field(changeset, &1))))
    |> Enum.reduce(%{changeset | required: fields ++ changeset.required}, fn field, changeset ->
      add_error(changeset, field, "can't be blank", validation: :required)
    end)
  end

  defp blank?(value), do: value == nil or (is_binary(value) and String.trim_leading(value) == "")

  @doc "Adds an error when the changed text has another length than `:is`, or is out of `:min` and `:max`."
  def validate_length(changeset, field, options) do
    validate_change(changeset, field, fn _, value ->
      size = String.length(value)

      cond do
        options[:is] && size != options[:is] -> [{field, "should be %{count} character(s)"}]
        options[:min] && size < options[:min] -> [{field, "should be at least %{count} character(s)"}]
        options[:max] && size > options[:max] -> [{field, "should be at most %{count} character(s)"}]
        true -> []
      end
    end)
  end

  @doc "Adds an error when the changed value is none of `allowed`."
  def validate_inclusion(changeset, field, allowed) do
    validate_change(changeset, field, fn _, value ->
      if value in allowed, do: [], else: [{field, "is invalid"}]
    end)
  end

  @doc "Adds an error when the changed text does not match."
  def validate_format(changeset, field, format) do
    validate_change(changeset, field, fn _, value ->
      if value =~ format, do: [], else: [{field, "has invalid format"}]
    end)
  end

  @doc "Adds the errors that the function finds in a changed value."
  def validate_change(changeset, field, validator) do
    case Map.fetch(changeset.changes, field) do
      {:ok, value} when value != nil ->
        Enum.reduce(validator.(field, value), changeset, fn {key, message}, changeset ->
          add_error(changeset, key, message)
        end)

      _ ->
        changeset
    end
  end

  def unique_constraint(changeset, fields, options \\ []), do: constraint(changeset, :unique, fields, options)

  def foreign_key_constraint(changeset, field, options \\ []),
    do: constraint(changeset, :foreign_key, field, options)

  def check_constraint(changeset, field, options), do: constraint(changeset, :check, field, options)

  # Kept as a note: what the database refuses is known only where there are inserts.
  defp constraint(changeset, type, field, options) do
    %{changeset | constraints: [%{type: type, field: field, options: options} | changeset.constraints]}
  end

  @doc "The changed value of a field, or that of the struct."
  def get_field(changeset, field), do: Map.get(changeset.changes, field, Map.get(changeset.data, field))

  def add_error(changeset, field, message, keys \\ []) do
    %{changeset | errors: [{field, {message, keys}} | changeset.errors], valid?: false}
  end

  @doc "The struct with the changes."
  def apply_changes(changeset), do: struct!(changeset.data, changeset.changes)
end
