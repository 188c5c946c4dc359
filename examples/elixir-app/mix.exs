defmodule Bookkeeping.MixProject do
  use Mix.Project

  @migrations "deps/ledger_schema/priv/repo/migrations"

  def project do
    [
      app: :bookkeeping,
      version: "0.3.0",
      elixir: "~> 1.14",
      start_permanent: Mix.env() == :prod,
      deps: deps(),
      aliases: aliases()
    ]
  end

  def application do
    [extra_applications: [:logger], mod: {Bookkeeping.Application, []}]
  end

  defp deps do
    [
      {:ecto_sql, "~> 3.10"},
      {:postgrex, "~> 0.19"},
      {:ledger_schema, "~> 0.1.1"},
      {:ex_doc, "~> 0.34", only: :dev, runtime: false}
    ]
  end

  # The tables come with the dependency; this application has no migrations of its own.
  defp aliases do
    [
      "ledger.migrate": ["ecto.migrate --migrations-path #{@migrations}"],
      "ledger.rollback": ["ecto.rollback --migrations-path #{@migrations}"],
      "ledger.migrations": ["ecto.migrations --migrations-path #{@migrations}"],
      "ledger.setup": ["ecto.create", "ledger.migrate"]
    ]
  end
end
