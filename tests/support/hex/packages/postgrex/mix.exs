defmodule Postgrex.MixProject do
  use Mix.Project

  def project do
    [
      app: :postgrex,
      version: "0.21.1",
      elixir: "~> 1.14",
      description: "Stand-in for postgrex: runs SQL with psql",
      deps: [],
      package: [licenses: ["MIT"], links: %{}]
    ]
  end

  def application, do: [extra_applications: [:logger]]
end
