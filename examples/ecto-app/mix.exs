defmodule Invoices.MixProject do
  use Mix.Project

  def project do
    [
      app: :invoices,
      version: "0.4.0",
      elixir: "~> 1.14",
      start_permanent: Mix.env() == :prod,
      deps: deps()
    ]
  end

  def application do
    [extra_applications: [:logger], mod: {Invoices.Application, []}]
  end

  # The tables of diwa_schema are there for several applications; each brings them along by the version that it has.
  defp deps do
    [
      {:ecto_sql, "~> 3.10"},
      {:postgrex, "~> 0.19"},
      {:diwa_schema, "~> 0.1.0"}
    ]
  end
end
