defmodule Hex.Registry do
  @moduledoc """
  What the registry (repo.hex.pm, or HEX_MIRROR_URL in its place) says of a package, and its tarballs.

  A package is a gzipped protobuf message `Signed{payload=1, signature=2}` around `Package{releases=1, name=2,
  repository=3}` (hexpm/specifications, registry-v2.md). The signature is not checked here, so the caller must have
  said with HEX_UNSAFE_REGISTRY=1, as for Hex, that the registry need not be trusted.
  """

  @doc "The releases of a package, or nil when the registry has none of that name."
  def package(repo, name) do
    key = {__MODULE__, repo, name}

    # Mix converges several times in one run of one process; a package is read once.
    case Process.get(key, :unread) do
      :unread ->
        releases = read(repo, name)
        Process.put(key, releases)
        releases

      releases ->
        releases
    end
  end

  @doc "One release. Raises when the registry does not have it."
  def release!(repo, name, version) do
    Enum.find(package(repo, name) || [], &(&1.version == version)) ||
      Mix.raise("Unknown package version #{name} #{version} in lockfile")
  end

  @doc "The bytes of the tarball of a release."
  def tarball!(repo, name, version) do
    url = address(repo, "tarballs/#{name}-#{version}.tar")

    case Hex.HTTP.get!(url, authorization(repo)) do
      {200, bytes} -> bytes
      {status, _} -> Mix.raise("Package fetch failed: GET #{url} (#{status})")
    end
  end

  defp read(repo, name) do
    accept_unsigned!()
    url = address(repo, "packages/#{name}")

    case Hex.HTTP.get!(url, authorization(repo)) do
      {200, bytes} ->
        bytes |> :zlib.gunzip() |> Hex.Protobuf.fields() |> Map.fetch!(1) |> hd() |> decode(repo, name)

      # The registry's storage answers 403 for what is not there.
      {status, _} when status in [403, 404] ->
        nil

      {status, _} ->
        Mix.raise("Failed to fetch record for #{name} from registry (#{status})")
    end
  end

  defp accept_unsigned! do
    unless System.get_env("HEX_UNSAFE_REGISTRY") in ["1", "true"] do
      Mix.raise(
        "Hex #{Hex.version()} is a stand-in that cannot check the registry's signature. " <>
          "Point HEX_MIRROR_URL or the proxy at a registry of your own and set HEX_UNSAFE_REGISTRY=1."
      )
    end
  end

  defp decode(payload, repo, name) do
    package = Hex.Protobuf.fields(payload)
    short = List.last(String.split(repo, ":"))

    unless {package[2], package[3]} == {[name], [short]} do
      Mix.raise("The registry answered with another package than #{name} of #{short}")
    end

    Enum.map(package[1] || [], &release(Hex.Protobuf.fields(&1), repo))
  end

  defp release(%{1 => [version], 2 => [inner], 5 => [outer]} = fields, repo) do
    %{
      version: version,
      inner: Base.encode16(inner, case: :lower),
      outer: Base.encode16(outer, case: :lower),
      deps: Enum.map(fields[3] || [], &dependency(Hex.Protobuf.fields(&1), repo)),
      retired: Map.has_key?(fields, 4)
    }
  end

  defp dependency(%{1 => [name], 2 => [requirement]} = fields, repo) do
    [app] = fields[4] || [name]
    [other] = fields[5] || [repo]

    %{
      app: String.to_atom(app),
      package: {other, name},
      requirement: requirement,
      optional: fields[3] == [1]
    }
  end

  defp address("hexpm:" <> organization, path), do: "#{base()}/repos/#{organization}/#{path}"
  defp address("hexpm", path), do: "#{base()}/#{path}"

  defp address(repo, _path),
    do: Mix.raise("Unknown repository #{inspect(repo)}; the stand-in for Hex knows hexpm only")

  defp base do
    url = System.get_env("HEX_MIRROR_URL") || System.get_env("HEX_MIRROR") || "https://repo.hex.pm"
    String.trim_trailing(url, "/")
  end

  defp authorization("hexpm:" <> _) do
    case System.get_env("HEX_REPOS_KEY") do
      nil -> []
      key -> [{~c"authorization", String.to_charlist(key)}]
    end
  end

  defp authorization(_repo), do: []
end
