defmodule Hex.Protobuf do
  @moduledoc """
  The part of the protobuf wire format that the registry uses (protobuf.dev, "Encoding").
  """

  import Bitwise

  @doc "The fields of a message by number, each with its values in order: integers, or the bytes of the others."
  def fields(bytes), do: fields(bytes, %{})

  defp fields(<<>>, found), do: Map.new(found, fn {number, values} -> {number, Enum.reverse(values)} end)

  defp fields(bytes, found) do
    {tag, rest} = varint(bytes, 0, 0)
    {value, rest} = value(tag &&& 7, rest)
    fields(rest, Map.update(found, tag >>> 3, [value], &[value | &1]))
  end

  defp value(0, bytes), do: varint(bytes, 0, 0)
  defp value(1, <<value::binary-8, rest::binary>>), do: {value, rest}
  defp value(5, <<value::binary-4, rest::binary>>), do: {value, rest}

  defp value(2, bytes) do
    {size, rest} = varint(bytes, 0, 0)
    <<value::binary-size(size), rest::binary>> = rest
    {value, rest}
  end

  defp varint(<<0::1, part::7, rest::binary>>, shift, value), do: {value + (part <<< shift), rest}

  defp varint(<<1::1, part::7, rest::binary>>, shift, value),
    do: varint(rest, shift + 7, value + (part <<< shift))
end
