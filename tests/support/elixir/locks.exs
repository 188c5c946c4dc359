# Reads and writes lock files with Mix and Elixir themselves. Each line of standard input is a question:
#   write SEED   a lock of random entries: its text as Mix writes it, and its entries
#   eval TEXT    the entries of a text (hexadecimal), by evaluating it, or `none`
# Entries are told as APP=FIELDS, sorted, each text in hexadecimal.
Mix.start()

defmodule Sample do
  use Mix.Project
  def project, do: [app: :sample, version: "1.0.0"]
end

defmodule Told do
  def lock(map), do: map |> Enum.map(fn {app, entry} -> text(app) <> "=" <> entry(entry) end) |> Enum.sort() |> Enum.join(" ")

  defp entry({:git, url, revision, options}) when is_binary(url) and is_binary(revision) do
    if Keyword.keyword?(options), do: Enum.join(["git", text(url), text(revision), options |> Keyword.keys() |> Enum.uniq() |> list()], ":"), else: "other"
  end

  defp entry(tuple) when is_tuple(tuple) and tuple_size(tuple) >= 3 and elem(tuple, 0) == :hex do
    destructure([:hex, name, version, inner, managers, deps, repo, outer], Tuple.to_list(tuple))

    if is_binary(version) and name?(name) and text?(inner) and text?(repo) and text?(outer) and atoms?(managers) and deps?(deps) do
      deps = if deps, do: Enum.map_join(deps, ",", &dep/1), else: "nil"
      newer = to_string(tuple_size(tuple) > 8)
      Enum.join(["hex", text(name), text(version), text(inner), list(managers), deps, text(repo || "hexpm"), text(outer), newer], ":")
    else
      "other"
    end
  end

  defp entry(_), do: "other"

  defp dep({app, requirement, options}) do
    Enum.join([text(app), text(requirement), text(options[:hex] || app), text(options[:repo] || "hexpm"), to_string(options[:optional] == true)], "/")
  end

  # nil is an atom, and no name.
  defp name?(name), do: is_binary(name) or is_atom(name)
  defp text?(value), do: is_nil(value) or is_binary(value)
  defp atoms?(value), do: is_nil(value) or (is_list(value) and proper?(value) and Enum.all?(value, &is_atom/1))
  defp deps?(nil), do: true
  defp deps?(deps), do: is_list(deps) and proper?(deps) and Enum.all?(deps, &dep?/1)
  defp dep?({app, requirement, options}), do: is_atom(app) and text?(requirement) and Keyword.keyword?(options)
  defp dep?(_), do: false
  defp proper?(list), do: match?([_ | _], list) and is_list(List.last(list, [])) != nil or list == []

  defp list(nil), do: "nil"
  defp list(atoms), do: Enum.map_join(atoms, ",", &text/1)
  defp text(nil), do: "nil"
  defp text(value), do: value |> to_string() |> Base.encode16(case: :lower)
end

defmodule Generated do
  def lock(seed) do
    :rand.seed(:exsss, {seed, 1, 2})
    Map.new(1..:rand.uniform(8), fn _ -> {pick(apps()), entry(:rand.uniform(10))} end)
  end

  defp entry(1), do: {:git, pick(texts()), sum(40), pick([[], [branch: "main"], [tag: "v1", submodules: true], [ref: "a", sparse: "b", depth: 1]])}

  defp entry(_) do
    fields = [:hex, pick(names()), version(), pick([sum(64), nil]), managers(), pick([deps(), nil]), pick(["hexpm", "hexpm:acme", nil]), pick([sum(64), nil]), :more]
    fields |> Enum.take(pick([3, 4, 6, 7, 8, 8, 8, 9])) |> List.to_tuple()
  end

  defp managers, do: pick([nil, [], [:mix], [:rebar3], [:make, :mix], [:gleam, :"erlang.mk"]])
  defp deps, do: Enum.map(1..:rand.uniform(3), fn _ -> {pick(names()), pick(["~> 1.0", ">= 0.0.0", "1.0 or ~> 2.0", nil]), pick([[hex: pick(names()), repo: "hexpm", optional: pick([true, false])], [hex: :a]])} end)
  defp version, do: pick(["1.0.0", "0.1.0-rc.1", "1.0.0-rc.1+build", pick(texts())])
  defp sum(length), do: for(_ <- 1..length, into: "", do: pick(~w(0 1 2 3 a b c f)))
  defp names, do: [:diwa_schema, :a, :b1, :"with-hyphen", :"two words", :Upper, :é, :a?, :b!, :"a@b", :do, :end, :"1a", :"quo\"te", :"br\#{ace", :+, true]
  # Mix does not escape the keys, so that it could not read these two itself.
  defp apps, do: names() -- [:"quo\"te", :"br\#{ace"]
  defp texts, do: ["plain", "", "quo\"te", "back\\slash", "\#{no} interpolation", "tab\tline\nend", "é ü 漢", "null \0 esc \e del \d", "https://user@example.com/a.git", "'single'", "# no comment", "\u200b"]
  defp pick(list), do: Enum.random(list)
end

folder = Path.join(System.tmp_dir!(), "locks-#{System.pid()}")
File.mkdir_p!(folder)

answer = fn
  ["write", seed] ->
    lock = Generated.lock(String.to_integer(seed))
    File.rm("mix.lock")
    Mix.Dep.Lock.write(lock)
    Base.encode16(File.read!("mix.lock"), case: :lower) <> " " <> Told.lock(lock)

  ["eval", text] ->
    try do
      {lock, _} = text |> Base.decode16!(case: :lower) |> Code.eval_string()
      if is_map(lock) and Enum.all?(Map.keys(lock), &is_atom/1), do: Told.lock(lock), else: "none"
    rescue
      _ -> "none"
    catch
      _, _ -> "none"
    end
end

File.cd!(folder, fn ->
  IO.stream(:stdio, :line)
  |> Enum.map(&[&1 |> String.trim_trailing("\n") |> String.split(" ") |> answer.(), "\n"])
  |> IO.write()
end)

File.rm_rf!(folder)
