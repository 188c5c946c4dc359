defmodule DiwaSchema.MixProject do
  use Mix.Project

  @version "0.1.0"
  @source "https://github.com/org/diwa_schema"

  def project do
    [
      app: :diwa_schema,
      version: @version,
      elixir: "~> 1.14",
      description: "The tables that diwa-cloud and diwa-agent share, as Ecto migrations",
      deps: [{:ecto_sql, "~> 3.10"}],
      package: [
        licenses: ["MIT"],
        links: %{"GitHub" => @source},
        # Whoever depends on this package runs its migrations, so priv must be in it.
        files: ~w(lib priv .formatter.exs mix.exs README.md LICENSE)
      ]
    ]
  end

  def application do
    [extra_applications: [:logger]]
  end
end
