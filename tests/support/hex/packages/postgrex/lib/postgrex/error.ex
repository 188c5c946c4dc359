defmodule Postgrex.Error do
  @moduledoc "An error that PostgreSQL, or psql on the way to it, told."

  defexception [:message, :postgres]

  @names %{
    "23505" => :unique_violation,
    "23503" => :foreign_key_violation,
    "23514" => :check_violation,
    "3D000" => :invalid_catalog_name,
    "42601" => :syntax_error,
    "42701" => :duplicate_column,
    "42703" => :undefined_column,
    "42710" => :duplicate_object,
    "42P01" => :undefined_table,
    "42P04" => :duplicate_database,
    "42P07" => :duplicate_table
  }

  @doc "Reads what psql says with VERBOSITY=verbose: `ERROR:  42P07: relation \"x\" already exists`."
  def parse(output) do
    case Regex.run(~r/(ERROR|FATAL):\s+([0-9A-Z]{5}): ([^\n]*)/, output) do
      [_, severity, code, message] ->
        name = @names[code]
        told = if name, do: "#{code} (#{name})", else: code

        %__MODULE__{
          message: "#{severity} #{told} #{message}",
          postgres: %{code: name || code, message: message}
        }

      nil ->
        %__MODULE__{message: String.trim(output)}
    end
  end
end
