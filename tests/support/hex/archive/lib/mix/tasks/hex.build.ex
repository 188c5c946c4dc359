defmodule Mix.Tasks.Hex.Build do
  @shortdoc "Builds a package"
  @moduledoc """
  Builds the package of the project: `mix hex.build [-o | --output FILE]`, NAME-VERSION.tar by default.

  Checks what Hex checks before it builds, and stops with Hex's messages.
  """

  use Mix.Task

  @default_files ~w(lib priv .formatter.exs mix.exs README* readme* LICENSE* license* CHANGELOG* changelog* src
    c_src Makefile*)
  @required ~w(app name files version build_tools)a
  @required_in_public ~w(description licenses links)a
  @told @required ++ @required_in_public ++ ~w(elixir extra secret_scan)a
  @project_keys ~w(app version elixir description)a
  @build_tools [
    {"mix.exs", "mix"},
    {"rebar", "rebar3"},
    {"rebar.lock", "rebar3"},
    {"rebar.config", "rebar3"},
    {"rebar.config.script", "rebar3"},
    {"erlang.mk", "make"},
    {"Makefile", "make"},
    {"Makefile.win", "make"}
  ]

  @impl true
  def run(args) do
    {options, _} = OptionParser.parse!(args, strict: [output: :string], aliases: [o: :output])
    Mix.Project.get!()
    config = Mix.Project.config()
    if Mix.Project.umbrella?(config), do: Mix.raise("Hex does not support umbrella projects")

    package = Map.new(config[:package] || [])
    {organization, package} = Map.pop(package, :organization)
    {requirements, excluded} = requirements(config[:deps])
    metadata = config |> metadata(package) |> Map.put(:requirements, requirements)

    Mix.shell().info("Building #{metadata.name} #{metadata.version}")
    tell(metadata, organization)
    stop_for(problems(metadata, package[:files] || [], excluded, organization))
    if metadata.files == [], do: Mix.raise("Creating tarball failed: File list was empty.")

    tarball = Hex.Tarball.create(metadata, metadata.files)
    output = options[:output] || "#{metadata.name}-#{metadata.version}.tar"
    File.write!(output, tarball)
    Mix.shell().info("Package checksum: #{Hex.Tarball.checksum(tarball)}")
    Mix.shell().info("Saved to #{output}")
  end

  defp metadata(config, package) do
    files = files(package)

    config
    |> Keyword.take(@project_keys)
    |> Map.new()
    |> Map.merge(package)
    |> Map.put(:files, files)
    |> Map.put(:name, to_string(package[:name] || config[:app]))
    |> Map.put_new(:build_tools, build_tools(files))
    |> trim_description()
    |> Map.take(@told)
  end

  defp trim_description(%{description: text} = metadata) when is_binary(text),
    do: %{metadata | description: String.trim(text)}

  defp trim_description(metadata), do: metadata

  # Folders are named too, before what is in them.
  defp files(package) do
    excluded = package[:exclude_patterns] || []

    (package[:files] || @default_files)
    |> Enum.flat_map(&Path.wildcard/1)
    |> Enum.flat_map(&below/1)
    |> Enum.uniq()
    |> Enum.reject(fn path -> Path.basename(path) == ".DS_Store" or Enum.any?(excluded, &(path =~ &1)) end)
  end

  defp below(path) do
    case File.lstat!(path) do
      %{type: :directory} -> [path | path |> File.ls!() |> Enum.flat_map(&below(Path.join(path, &1)))]
      _ -> [path]
    end
  end

  defp build_tools(files) do
    case for({file, tool} <- @build_tools, file in files, do: tool) do
      [] -> ["mix"]
      tools -> Enum.uniq(tools)
    end
  end

  # Only what a consumer in production needs is a requirement of the package.
  defp requirements(deps) do
    {hex, others} =
      deps
      |> Enum.map(&normal/1)
      |> Enum.filter(fn {_, _, opts} -> :prod in List.wrap(opts[:only] || :prod) end)
      |> Enum.split_with(&package?/1)

    Enum.each(hex, &refuse_options/1)
    {Enum.map(hex, &requirement/1), Enum.map(others, fn {app, _, _} -> app end)}
  end

  defp normal({app, opts}) when is_list(opts), do: {app, nil, opts}
  defp normal({app, requirement}), do: {app, requirement, []}
  defp normal({app, requirement, opts}), do: {app, requirement, opts}

  # `path:` together with `hex:` passes, as in Hex: the tests use the path, the package asks for the Hex package.
  defp package?({_, _, opts}) do
    Keyword.has_key?(opts, :hex) or
      not Enum.any?([:git, :github, :path, :in_umbrella], &Keyword.has_key?(opts, &1))
  end

  defp refuse_options({app, _, opts}) do
    if Keyword.has_key?(opts, :override),
      do: Mix.raise("Can't build package with overridden dependency #{app}, remove `override: true`")

    for key <- [:compile, :manager, :app], Keyword.has_key?(opts, key) do
      Mix.raise("Can't build package when :#{key} is set for dependency #{app}, remove `#{key}: ...`")
    end

    if Keyword.get(opts, :system_env, []) != [],
      do:
        Mix.raise(
          "Can't build package when :system_env is set for dependency #{app}, remove `system_env: ...`"
        )
  end

  defp requirement({app, requirement, opts}) do
    %{
      name: to_string(opts[:hex] || app),
      app: app,
      requirement: requirement,
      optional: opts[:optional] || false,
      repository:
        (opts[:repo] || opts[:organization] || "hexpm") |> to_string() |> String.split(":") |> List.last()
    }
  end

  defp tell(metadata, organization) do
    if metadata.requirements != [], do: Mix.shell().info("  Dependencies:")

    for requirement <- metadata.requirements do
      app = if requirement.name != to_string(requirement.app), do: " (app: #{requirement.app})"
      repo = if requirement.repository != "hexpm", do: " (repo: #{requirement.repository})"
      optional = if requirement.optional, do: " (optional)"
      Mix.shell().info("    #{requirement.name} #{requirement.requirement}#{app}#{repo}#{optional}")
    end

    if organization, do: Mix.shell().info("  Organization: #{organization}")
    for key <- @told, value = metadata[key], do: tell_field(key, value)
  end

  defp tell_field(:files, files) do
    Mix.shell().info("  Files:")
    Enum.each(files, &Mix.shell().info("    #{&1}"))
  end

  defp tell_field(key, value) do
    title = key |> Atom.to_string() |> String.replace("_", " ") |> String.capitalize()
    Mix.shell().info("  #{title}: #{told(value)}")
  end

  defp told([{_, _} | _] = pairs), do: pairs |> Map.new() |> told()
  defp told(list) when is_list(list), do: Enum.join(list, ", ")

  defp told(map) when is_map(map),
    do: Enum.map_join(map, fn {key, value} -> "\n    #{key}: #{told(value)}" end)

  defp told(value), do: value

  defp problems(metadata, named_files, excluded, organization) do
    required = if organization in [nil, "hexpm"], do: @required ++ @required_in_public, else: @required
    missing = Enum.reject(required, &Map.has_key?(metadata, &1))
    absent = Enum.filter(named_files, &(Path.wildcard(&1) == []))

    [
      missing != [] && "Missing metadata fields: #{Enum.join(missing, ", ")}",
      String.length(metadata[:description] || "") > 300 &&
        "Package description is too long (exceeds 300 characters)",
      absent != [] && "Missing files: #{Enum.join(absent, ", ")}",
      Enum.any?(named_files, &("hex_metadata.config" in Path.wildcard(&1))) &&
        "Do not include this file: hex_metadata.config",
      excluded != [] &&
        "Dependencies excluded from the package (only Hex packages can be dependencies): #{Enum.join(excluded, ", ")}"
    ]
    |> Enum.filter(& &1)
  end

  defp stop_for([]), do: :ok

  defp stop_for(problems),
    do: Mix.raise(Enum.join(["Stopping package build due to errors." | problems], "\n"))
end
