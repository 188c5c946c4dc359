# Finds the migrations of a folder with the functions that Ecto.Migrator finds them with: Path.wildcard, Integer.parse,
# and the order of `{version, name, file}`. Prints version, name and path of each.
[folder] = System.argv()

[folder, "**", "*.exs"]
|> Path.join()
|> Path.wildcard()
|> Enum.flat_map(fn file ->
  case file |> Path.basename() |> Path.rootname() |> Integer.parse() do
    {version, "_" <> name} -> [{version, name, file}]
    _ -> []
  end
end)
|> Enum.sort()
|> Enum.each(fn {version, name, file} ->
  IO.puts("#{version}\t#{name}\t#{Path.relative_to(file, folder)}")
end)
