defmodule Mix.Tasks.Hex do
  @shortdoc "Prints the version of the stand-in for Hex"
  @moduledoc "Prints which Hex this is."

  use Mix.Task

  @impl true
  def run(_args) do
    Mix.shell().info("Hex v#{Hex.version()}")
    Mix.shell().info("A stand-in for the Hex package manager, for rehearsals and tests")
  end
end
