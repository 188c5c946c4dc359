defmodule Hex.Tarball do
  @moduledoc """
  Package tarballs, version 3: VERSION, CHECKSUM, metadata.config and contents.tar.gz in a plain tar
  (hexpm/specifications, package_tarball.md). The same files make the same bytes, and those are Hex's bytes.
  """

  @version "3"
  @metadata "metadata.config"
  @contents "contents.tar.gz"
  # 2000-01-01, the time that Hex gives every entry.
  @epoch 946_684_800
  @attributes [atime: @epoch, mtime: @epoch, ctime: @epoch, uid: 0, gid: 0]

  @doc "Makes the tarball of the files, which lie below the current folder."
  def create(metadata, files) do
    config = encode(metadata)
    contents = files |> Enum.map(&source/1) |> Enum.reject(&is_nil/1) |> tar() |> gzip()
    inner = sha256([@version, config, contents])

    tar([
      {"VERSION", @version},
      {"CHECKSUM", Base.encode16(inner)},
      {@metadata, config},
      {@contents, contents}
    ])
  end

  @doc "The outer checksum: what the registry, the lock and the API call the checksum of a package."
  def checksum(tarball), do: tarball |> sha256() |> Base.encode16(case: :lower)

  @doc """
  Unpacks into `folder` and gives the inner checksum (lower-case) and the build tools (`managers`).
  Raises when the tarball is not one, or its inner checksum is wrong.
  """
  def unpack!(tarball, folder) do
    {:ok, entries} = :erl_tar.extract({:binary, tarball}, [:memory])

    %{"VERSION" => version, "CHECKSUM" => checksum, @metadata => config, @contents => contents} =
      Map.new(entries, fn {name, bytes} -> {to_string(name), bytes} end)

    if version != @version, do: Mix.raise("Unpacking tarball failed: unsupported version #{inspect(version)}")
    inner = [version, config, contents] |> sha256() |> Base.encode16(case: :lower)

    if String.downcase(String.trim(checksum)) != inner,
      do: Mix.raise("Unpacking tarball failed: tarball checksum mismatch")

    File.mkdir_p!(folder)
    # erl_tar refuses paths and links that lead out of the folder.
    :ok = :erl_tar.extract({:binary, contents}, [:compressed, cwd: String.to_charlist(folder)])
    config_file = Path.join(folder, "hex_metadata.config")
    File.write!(config_file, config)
    {:ok, metadata} = :file.consult(String.to_charlist(config_file))
    %{inner: inner, managers: managers(Map.new(metadata))}
  end

  defp managers(metadata), do: Enum.map(Map.get(metadata, "build_tools", []), &String.to_atom/1)

  # Terms as Erlang prints them, one form for each key. Keys are sorted, as OTP 25 and older have those of a small map.
  defp encode(metadata) do
    for {key, value} <- Enum.sort(metadata), into: "" do
      form = {Atom.to_string(key), term(value)}
      :unicode.characters_to_binary([:io_lib_pretty.print(form, encoding: :utf8), ".\n"])
    end
  end

  defp term(value) when is_binary(value) or is_number(value) or is_boolean(value), do: value
  # nil too: a dependency without a requirement becomes the text "nil", in Hex as here.
  defp term(value) when is_atom(value), do: Atom.to_string(value)
  defp term(value) when is_list(value), do: Enum.map(value, &term/1)
  defp term({key, value}), do: {term(key), term(value)}
  defp term(value) when is_map(value), do: value |> Enum.sort() |> Enum.map(&term/1)

  # Folders have an entry only when they are empty.
  defp source(path) do
    case File.lstat!(path) do
      %{type: :directory} -> if File.ls!(path) == [], do: {path, :on_disk}
      _ -> {path, :on_disk}
    end
  end

  # Files are read from disk by erl_tar itself, which keeps the bits of their mode and takes links as links.
  defp tar(entries) do
    scratch = Path.join(System.tmp_dir!(), "hex-#{System.pid()}-#{System.unique_integer([:positive])}.tar")
    {:ok, tar} = :erl_tar.open(String.to_charlist(scratch), [:write])

    for {name, bytes} <- entries do
      name = String.to_charlist(name)
      :ok = :erl_tar.add(tar, if(bytes == :on_disk, do: name, else: bytes), name, @attributes)
    end

    :ok = :erl_tar.close(tar)
    bytes = File.read!(scratch)
    File.rm!(scratch)
    bytes
  end

  # Ten fixed bytes in front: no time and no operating system, so that equal files make equal bytes.
  defp gzip(bytes) do
    stream = :zlib.open()
    :ok = :zlib.deflateInit(stream, :default, :deflated, -15, 8, :default)
    deflated = :zlib.deflate(stream, bytes, :finish)
    :zlib.close(stream)
    header = <<31, 139, 8, 0, 0::32, 0, 0>>
    IO.iodata_to_binary([header, deflated, <<:erlang.crc32(bytes)::little-32, byte_size(bytes)::little-32>>])
  end

  defp sha256(parts), do: :crypto.hash(:sha256, parts)
end
