defmodule Mix.Tasks.Hex.Info do
  @shortdoc "Prints the versions of the stand-in for Hex, Elixir and OTP"
  @moduledoc "Prints the versions in the lines that Hex prints. Knows nothing of packages."

  use Mix.Task

  @impl true
  def run([]) do
    Mix.shell().info("Hex:    #{Hex.version()}")
    Mix.shell().info("Elixir: #{System.version()}")
    Mix.shell().info("OTP:    #{System.otp_release()}")
    Mix.shell().info("\nThis is a stand-in for Hex, for rehearsals and tests.")
  end

  def run(_args), do: Mix.raise("The stand-in for Hex has no information about packages")
end
