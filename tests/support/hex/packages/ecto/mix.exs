defmodule Ecto.MixProject do
  use Mix.Project

  def project do
    [
      app: :ecto,
      version: "3.13.5",
      elixir: "~> 1.14",
      description: "Stand-in for ecto: schemas, changesets and the configuration of a repository",
      deps: [],
      package: [licenses: ["MIT"], links: %{}]
    ]
  end

  def application, do: [extra_applications: [:logger]]
end
