defmodule Hex.SCM do
  @moduledoc """
  Hex packages as a source of dependencies (`Mix.SCM`): fetched as tarballs, checked, unpacked into `deps/`.
  """

  @behaviour Mix.SCM

  @impl true
  def fetchable?, do: true

  @impl true
  def format(_opts), do: "Hex package"

  @impl true
  def format_lock(opts) do
    with %Hex.Lock{outer: <<start::binary-8, _::binary>>} = lock <- Hex.Lock.parse(opts[:lock]) do
      prefix = if lock.repo == "hexpm", do: "", else: "#{lock.repo}/"
      "#{lock.version} (#{prefix}#{lock.name}) #{start}"
    else
      _ -> nil
    end
  end

  # Mix asks the sources in turn, and this one last: whatever no other source took is a Hex package.
  @impl true
  def accepts_options(app, opts) do
    {organization, opts} = Keyword.pop(opts, :organization)
    repo = if organization, do: "hexpm:#{organization}", else: opts[:repo] || "hexpm"

    opts
    |> Keyword.put(:hex, to_string(opts[:hex] || app))
    |> Keyword.put(:repo, to_string(repo))
  end

  @impl true
  def checked_out?(opts), do: File.dir?(opts[:dest])

  @impl true
  def lock_status(opts) do
    with %Hex.Lock{} = lock <- Hex.Lock.parse(opts[:lock]),
         %{} = manifest <- Hex.Manifest.read(opts[:dest]),
         true <-
           manifest.name == lock.name and manifest.version == lock.version and manifest.repo == lock.repo,
         true <- manifest.inner_checksum == lock.inner and manifest.outer_checksum == lock.outer do
      :ok
    else
      _ -> :mismatch
    end
  end

  @impl true
  def equal?(one, other), do: one[:hex] == other[:hex] and one[:repo] == other[:repo]

  @impl true
  def managers(opts) do
    case Hex.Lock.parse(opts[:lock]) do
      %Hex.Lock{managers: managers} -> managers
      nil -> []
    end
  end

  # Only `update` may change an entry; a new entry has no managers yet, because they are read from the tarball.
  @impl true
  def checkout(opts) do
    fetched = update(opts)

    case Hex.Lock.parse(opts[:lock]) do
      %Hex.Lock{managers: []} -> fetched
      %Hex.Lock{} -> opts[:lock]
    end
  end

  @impl true
  def update(opts) do
    lock =
      Hex.Lock.parse(opts[:lock]) ||
        Mix.raise("The lock is missing for package #{opts[:hex]}. Is its application name spelt correctly?")

    release = Hex.Registry.release!(lock.repo, lock.name, lock.version)
    tarball = Hex.Registry.tarball!(lock.repo, lock.name, lock.version)
    # Checked before anything is unpacked: the registry vouches for the bytes of the tarball.
    if Hex.Tarball.checksum(tarball) != release.outer,
      do: Mix.raise("Checksum mismatch against registry (outer)")

    File.rm_rf!(opts[:dest])
    unpacked = Hex.Tarball.unpack!(tarball, opts[:dest])
    if unpacked.inner != release.inner, do: Mix.raise("Checksum mismatch against registry (inner)")

    lock = %{lock | inner: release.inner, outer: release.outer, managers: Enum.sort(unpacked.managers)}
    Hex.Manifest.write!(opts[:dest], lock)
    Hex.Lock.entry(lock)
  end
end
