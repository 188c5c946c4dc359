defmodule DiwaCloud.MixProject do
  use Mix.Project

  def project do
    [
      app: :diwa_cloud,
      version: "0.1.0",
      elixir: "~> 1.14",
      deps: deps()
    ]
  end

  def application do
    [extra_applications: [:logger]]
  end

  defp deps do
    [
      {:ecto_sql, "~> 3.10"},
      {:postgrex, "~> 0.19"}
    ]
  end
end
