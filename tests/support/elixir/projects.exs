# Tells the dependencies of mix.exs files as Mix sees them. Each line of standard input is a file's text in hexadecimal;
# each line of output has them twice, without and with the variable LOCAL: NAME/SOURCE/REQUIREMENT/PACKAGE/REPOSITORY/ONLY
# with each text in hexadecimal, sorted.
Mix.start()

told = fn {name, requirement, options} ->
  source =
    cond do
      options[:git] || options[:github] -> "git"
      options[:path] -> "path"
      options[:in_umbrella] -> "umbrella"
      true -> "hex"
    end

  text = fn
    nil -> "nil"
    value -> value |> to_string() |> Base.encode16(case: :lower)
  end

  repository = if options[:organization], do: "hexpm:#{options[:organization]}", else: options[:repo] || "hexpm"
  only = if options[:only], do: options[:only] |> List.wrap() |> Enum.map_join(",", &to_string/1), else: "all"
  Enum.join([text.(name), source, text.(requirement), text.(options[:hex] || name), text.(repository), only], "/")
end

whole = fn
  {name, options} when is_list(options) -> {name, nil, options}
  {name, requirement} -> {name, requirement, []}
  {name, requirement, options} -> {name, requirement, options}
end

dependencies = fn module ->
  module.project()[:deps] |> Enum.map(&(&1 |> whole.() |> told.())) |> Enum.sort() |> Enum.join(" ")
end

for line <- IO.stream(:stdio, :line) do
  System.delete_env("LOCAL")
  [{module, _}] = line |> String.trim_trailing() |> Base.decode16!(case: :lower) |> Code.compile_string("mix.exs")
  Mix.Project.pop()
  without = dependencies.(module)
  System.put_env("LOCAL", "1")
  IO.puts(without <> "|" <> dependencies.(module))
end
