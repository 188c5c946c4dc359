defmodule Hex.RemoteConverger do
  @moduledoc """
  Chooses a version for every Hex dependency of the project, and makes the lock of them (`Mix.RemoteConverger`).
  """

  @behaviour Mix.RemoteConverger

  @impl true
  def remote?(dep), do: dep.scm == Hex.SCM

  @impl true
  def post_converge, do: :ok

  # The children of a dependency come from the lock, so its mix.exs need not be there yet.
  @impl true
  def deps(dep, lock) do
    case Hex.Lock.parse(lock[dep.app]) do
      %Hex.Lock{deps: deps} -> deps
      nil -> []
    end
  end

  # `lock` lacks what is to be updated; the file still has it.
  @impl true
  def converge(deps, lock) do
    Mix.shell().info("Resolving Hex dependencies...")
    requests = requests(deps)
    preferred = for {_, entry} <- lock, locked = Hex.Lock.parse(entry), into: %{}, do: preference(locked)

    case Hex.Resolver.resolve(requests, preferred, overridden(deps)) do
      {:ok, resolved} ->
        tell(resolved, Mix.Dep.Lock.read())

        Map.merge(lock, Map.new(resolved, &locked/1), fn _app, old, new ->
          if same?(old, new), do: old, else: new
        end)

      {:error, message} ->
        Mix.shell().info(message)
        Mix.raise("Hex dependency resolution failed")
    end
  end

  defp preference(%Hex.Lock{} = lock), do: {{lock.repo, lock.name}, lock.version}

  # What the project asks for, and what its path and git dependencies ask for; Hex packages speak through the registry.
  defp requests(deps) do
    foreign = for dep <- deps, dep.opts[:override] && dep.scm != Hex.SCM, do: dep.app
    apps = Enum.map(deps, & &1.app)

    nested = for dep <- deps, dep.scm != Hex.SCM, child <- dep.deps, child.app in apps, do: child

    for dep <- deps ++ nested, dep.scm == Hex.SCM, dep.app not in foreign do
      %{
        app: dep.app,
        package: {dep.opts[:repo], dep.opts[:hex]},
        requirement: requirement!(dep),
        optional: false,
        from: Path.relative_to_cwd(dep.from)
      }
    end
    |> Enum.uniq()
  end

  defp requirement!(%{requirement: nil} = dep) do
    message = "#{dep.app} is missing its version requirement, use \">= 0.0.0\" if it should match any version"
    Mix.shell().error([:yellow, message])
    ">= 0.0.0"
  end

  defp requirement!(%{requirement: requirement} = dep) do
    case Version.parse_requirement(requirement) do
      {:ok, _} ->
        requirement

      :error ->
        Mix.raise(
          "Required version #{inspect(requirement)} for package #{dep.opts[:hex]} is incorrectly specified " <>
            "(from: #{Path.relative_to_cwd(dep.from)})"
        )
    end
  end

  defp overridden(deps), do: for(dep <- deps, dep.opts[:override], do: dep.app)

  defp locked({app, {repo, name}, release}) do
    {app,
     Hex.Lock.entry(%Hex.Lock{
       name: name,
       version: release.version,
       inner: release.inner,
       managers: fetched_managers(app),
       deps: Enum.map(release.deps, &dependency/1),
       repo: repo,
       outer: release.outer
     })}
  end

  defp dependency(%{app: app, package: {repo, name}} = dep) do
    {app, Hex.Requirement.canonical(dep.requirement),
     [hex: String.to_atom(name), repo: repo, optional: dep.optional]}
  end

  # Fetched but not locked: only its manifest knows how it is built.
  defp fetched_managers(app) do
    case Hex.Manifest.read(Path.join(Mix.Project.deps_path(), Atom.to_string(app))) do
      %{managers: managers} -> managers
      nil -> []
    end
  end

  defp same?(old, new) do
    old = Hex.Lock.parse(old)
    new = Hex.Lock.parse(new)
    keys = [:name, :version, :inner, :outer, :repo]
    old != nil and Map.take(old, keys) == Map.take(new, keys)
  end

  @changes [new: "New:", eq: "Unchanged:", lt: "Downgraded:", gt: "Upgraded:"]

  defp tell(resolved, old_lock) do
    grouped = Enum.group_by(Enum.sort(resolved), fn {app, _, release} -> change(old_lock[app], release) end)

    for {change, title} <- @changes, lines = grouped[change] do
      Mix.shell().info(title)
      Enum.each(lines, fn {app, {_, name}, release} -> tell_one(change, name, old_lock[app], release) end)
    end
  end

  defp change(entry, release) do
    case Hex.Lock.parse(entry) do
      nil -> :new
      old -> Version.compare(release.version, old.version)
    end
  end

  defp tell_one(change, name, entry, release) do
    version = if change in [:lt, :gt], do: "#{elem(entry, 2)} => #{release.version}", else: release.version
    retired = if release.retired, do: [:yellow, " RETIRED!", :reset], else: []
    Mix.shell().info([:green, "  #{name} #{version}", :reset, retired])
  end
end
