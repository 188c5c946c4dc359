defmodule Hex.Resolver do
  @moduledoc """
  Chooses the highest versions that fit all requirements together, by trying and stepping back.

  Hex solves the same problem with a solver that learns from conflicts; with the few packages of a rehearsal the
  plain search gives the same answer, but for this: a locked version is a preference here, and a promise there.
  """

  @doc """
  Takes requests (`%{app, package: {repository, name}, requirement, optional, from}`), locked versions by package, and
  the applications whose requirements in packages are overridden. Gives `{:ok, [{app, package, release}]}` or
  `{:error, message}`.
  """
  def resolve(requests, locked, overridden) do
    with {:ok, chosen, apps} <- solve(requests, %{}, locked, overridden) do
      {:ok, for({package, release} <- chosen, do: {apps[package], package, release})}
    end
  end

  defp solve(requests, chosen, locked, overridden) do
    case next(requests, chosen) do
      nil ->
        apps(requests, chosen)

      package ->
        asked = Enum.filter(requests, &(&1.package == package))

        package
        |> candidates(asked, locked[package])
        |> Enum.reduce_while(:none, fn release, failure ->
          children = children(package, release, overridden)
          chosen = Map.put(chosen, package, release)

          with :ok <- fitting(children, chosen),
               {:ok, _, _} = solved <- solve(requests ++ children, chosen, locked, overridden) do
            {:halt, solved}
          else
            # The reason that is told is the one against the best candidate.
            {:error, _} = error -> {:cont, if(failure == :none, do: error, else: failure)}
          end
        end)
        |> case do
          :none -> {:error, no_version(package, asked)}
          outcome -> outcome
        end
    end
  end

  # An optional dependency restricts versions, and brings nothing in.
  defp next(requests, chosen) do
    requests
    |> Enum.reject(&(&1.optional or Map.has_key?(chosen, &1.package)))
    |> Enum.map(& &1.package)
    |> Enum.min(fn -> nil end)
  end

  # Pre-releases come last, as Hex has them: they are chosen where no release fits.
  defp candidates({repo, name}, asked, locked_version) do
    releases =
      Hex.Registry.package(repo, name) ||
        Mix.raise("No package with name #{name} (from: #{hd(asked).from}) in registry")

    fitting = Enum.filter(releases, fn release -> Enum.all?(asked, &fits?(release, &1)) end)
    {kept, others} = Enum.split_with(fitting, &(&1.version == locked_version))
    {stable, pre} = Enum.split_with(others, &(Version.parse!(&1.version).pre == []))
    kept ++ newest_first(stable) ++ newest_first(pre)
  end

  defp newest_first(releases), do: Enum.sort_by(releases, & &1.version, {:desc, Version})

  defp children(package, release, overridden) do
    for dep <- release.deps, dep.app not in overridden do
      Map.put(dep, :from, "#{elem(package, 1)} #{release.version}")
    end
  end

  defp fitting(children, chosen) do
    Enum.find_value(children, :ok, fn child ->
      release = chosen[child.package]

      if release && not fits?(release, child) do
        {:error,
         "Because #{child.from} depends on #{describe(child)} and #{elem(child.package, 1)} #{release.version} " <>
           "is required by others, version solving failed."}
      end
    end)
  end

  defp fits?(release, request) do
    Version.match?(release.version, request.requirement)
  end

  defp no_version(_package, [request]) do
    "Because #{request.from} depends on #{describe(request)} which doesn't match any versions, version solving failed."
  end

  defp no_version(_package, asked) do
    reasons = Enum.map_join(asked, " and ", &"#{&1.from} depends on #{describe(&1)}")
    "Because #{reasons}, version solving failed."
  end

  defp describe(%{package: {_, name}, requirement: requirement}), do: "#{name} #{requirement}"

  defp apps(requests, chosen) do
    apps = Map.new(requests, &{&1.package, &1.app})

    case Enum.find(requests, &(&1.app != apps[&1.package])) do
      nil ->
        {:ok, chosen, apps}

      request ->
        {:error,
         "Because #{request.from} calls the application of #{elem(request.package, 1)} #{request.app} and others " <>
           "call it #{apps[request.package]}, version solving failed."}
    end
  end
end
