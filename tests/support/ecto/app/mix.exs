defmodule App.MixProject do
  use Mix.Project

  def project do
    [
      app: :app,
      version: "0.4.0",
      elixir: "~> 1.14",
      deps: [{:ecto_sql, path: "../ecto_sql"}],
      releases: [app: [include_executables_for: [:unix]]]
    ]
  end

  def application, do: [extra_applications: [:logger]]
end
