defmodule Hex.Requirement do
  @moduledoc """
  Requirements in the one spelling that Hex writes into mix.lock: it reads each as a range of versions and prints the
  range, so `== 1.0.0` becomes `1.0.0` and `< 2.0.0 and >= 1.2.0` becomes `>= 1.2.0 and < 2.0.0`.
  """

  @doc "The spelling of a requirement that `Version.parse_requirement/1` accepts. Ranges that overlap stay apart."
  def canonical(requirement) do
    requirement
    |> String.split(" or ")
    |> Enum.map(&range/1)
    |> Enum.sort(&before?/2)
    |> Enum.map_join(" or ", &print/1)
  end

  defp range(text) do
    text
    |> String.split(" and ")
    |> Enum.map(&bounds/1)
    |> Enum.reduce(fn new, old ->
      %{min: narrower(:gt, old.min, new.min), max: narrower(:lt, old.max, new.max)}
    end)
  end

  defp narrower(_, nil, bound), do: bound
  defp narrower(_, bound, nil), do: bound

  defp narrower(side, {one, _} = first, {other, _} = second),
    do: if(Version.compare(one, other) == side, do: first, else: second)

  defp bounds(text) do
    [_, operator, version] = Regex.run(~r/^\s*(==|>=|<=|~>|>|<|)\s*(\S+)\s*$/, text)
    bounds(operator, version)
  end

  defp bounds("~>", text) do
    [numbers | pre] = String.split(text, "-", parts: 2)
    suffix = Enum.map_join(pre, &("-" <> &1))

    case numbers |> String.split(".") |> Enum.map(&String.to_integer/1) do
      [major, minor] -> between("#{major}.#{minor}.0#{suffix}", "#{major + 1}.0.0-0")
      [major, minor, _] -> between(text, "#{major}.#{minor + 1}.0-0")
    end
  end

  defp bounds(operator, text) do
    version = Version.parse!(text)

    case operator do
      equal when equal in ["==", ""] -> %{min: {version, true}, max: {version, true}}
      ">=" -> %{min: {version, true}, max: nil}
      ">" -> %{min: {version, false}, max: nil}
      "<=" -> %{min: nil, max: {version, true}}
      "<" -> %{min: nil, max: {version, false}}
    end
  end

  defp between(min, max), do: %{min: {Version.parse!(min), true}, max: {Version.parse!(max), false}}

  defp before?(%{min: nil}, _), do: true
  defp before?(_, %{min: nil}), do: false
  defp before?(%{min: {one, _}}, %{min: {other, _}}), do: Version.compare(one, other) != :gt

  defp print(%{min: {version, true}, max: {version, true}}), do: to_string(version)

  defp print(%{min: {min, true}, max: {%{pre: [0], patch: 0} = max, false}} = range),
    do: tilde(min, max) || plain(range)

  defp print(range), do: plain(range)

  defp tilde(%{patch: 0} = min, %{minor: 0} = max) when max.major == min.major + 1 do
    "~> #{min.major}.#{min.minor}#{pre(min)}"
  end

  defp tilde(min, max) when max.major == min.major and max.minor == min.minor + 1 do
    "~> #{min.major}.#{min.minor}.#{min.patch}#{pre(min)}"
  end

  defp tilde(_min, _max), do: nil

  defp pre(%{pre: []}), do: ""
  defp pre(%{pre: parts}), do: "-" <> Enum.join(parts, ".")

  defp plain(%{min: min, max: max}) do
    [bound(">", min), bound("<", max)] |> Enum.reject(&is_nil/1) |> Enum.join(" and ")
  end

  defp bound(_sign, nil), do: nil
  defp bound(sign, {version, true}), do: "#{sign}= #{version}"
  defp bound(sign, {version, false}), do: "#{sign} #{version}"
end
