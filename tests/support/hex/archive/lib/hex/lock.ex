defmodule Hex.Lock do
  @moduledoc """
  Entries of mix.lock: `{:hex, :name, version, inner checksum, managers, dependencies, repository, outer checksum}`.
  """

  defstruct [:name, :version, :inner, :managers, :deps, :repo, :outer]

  @doc "The entry as a struct, or nil when it is of another source. Older entries lack their last fields."
  def parse(entry) when is_tuple(entry) and elem(entry, 0) == :hex do
    destructure [_, name, version, inner, managers, deps, repo, outer], Tuple.to_list(entry)

    %__MODULE__{
      name: to_string(name),
      version: version,
      inner: inner,
      managers: managers || [],
      deps: deps || [],
      repo: repo || "hexpm",
      outer: outer
    }
  end

  def parse(_entry), do: nil

  @doc "The entry as Mix writes it."
  def entry(%__MODULE__{} = lock) do
    {:hex, String.to_atom(lock.name), lock.version, lock.inner, Enum.sort(lock.managers),
     Enum.sort(lock.deps), lock.repo, lock.outer}
  end
end
