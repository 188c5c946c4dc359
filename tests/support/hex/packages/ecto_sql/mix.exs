defmodule EctoSQL.MixProject do
  use Mix.Project

  def project do
    [
      app: :ecto_sql,
      version: "3.13.5",
      elixir: "~> 1.14",
      description: "Stand-in for ecto_sql: migrations for PostgreSQL, and the tasks that run them",
      deps: [
        {:ecto, "~> 3.13.0"},
        {:postgrex, "~> 0.19 or ~> 1.0", optional: true}
      ],
      package: [licenses: ["MIT"], links: %{}]
    ]
  end

  def application, do: [extra_applications: [:logger]]
end
