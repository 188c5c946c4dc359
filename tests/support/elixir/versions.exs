# Answers questions about versions with Elixir's own Version module: one question a line on standard input, its texts
# in hexadecimal; one answer a line.
text = &Base.decode16!(&1, case: :lower)

answer = fn
  ["parse", version] ->
    case Version.parse(text.(version)) do
      {:ok, parsed} -> to_string(parsed)
      :error -> "none"
    end

  ["compare", a, b] ->
    to_string(Version.compare(text.(a), text.(b)))

  ["match", version, requirement, allow_pre] ->
    case Version.parse_requirement(text.(requirement)) do
      {:ok, parsed} -> to_string(Version.match?(text.(version), parsed, allow_pre: allow_pre == "true"))
      :error -> "none"
    end
end

IO.stream(:stdio, :line)
|> Enum.map(&(&1 |> String.trim_trailing("\n") |> String.split(" ") |> answer.()))
|> Enum.map(&[&1, "\n"])
|> IO.write()
