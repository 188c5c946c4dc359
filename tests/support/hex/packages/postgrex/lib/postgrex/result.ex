defmodule Postgrex.Result do
  @moduledoc "What a statement answered."

  defstruct columns: nil, rows: nil, num_rows: 0

  @doc "Reads psql's unaligned output."
  def parse(output, unit, record) do
    case output |> String.trim_trailing("\n") |> String.split(record, trim: true) do
      [] ->
        %__MODULE__{}

      [header | rows] ->
        rows = Enum.map(rows, &String.split(&1, unit))
        %__MODULE__{columns: String.split(header, unit), rows: rows, num_rows: length(rows)}
    end
  end
end
