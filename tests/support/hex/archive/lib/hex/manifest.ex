defmodule Hex.Manifest do
  @moduledoc """
  `deps/NAME/.hex`: what was unpacked there, as an Erlang term in the external term format.
  """

  @file_name ".hex"

  @doc "Writes what `lock` names into the folder of the dependency."
  def write!(folder, %Hex.Lock{} = lock) do
    map = %{
      name: lock.name,
      version: lock.version,
      inner_checksum: lock.inner,
      outer_checksum: lock.outer,
      repo: lock.repo,
      managers: lock.managers
    }

    File.write!(Path.join(folder, @file_name), :erlang.term_to_binary({{:hex, 2, 0}, map}))
  end

  @doc "The map of the manifest, or nil when there is none that can be read."
  def read(folder) do
    with {:ok, bytes} <- File.read(Path.join(folder, @file_name)),
         {{:hex, 2, _}, map} <- :erlang.binary_to_term(bytes) do
      map
    else
      _ -> nil
    end
  rescue
    ArgumentError -> nil
  end
end
