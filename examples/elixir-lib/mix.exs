defmodule LedgerSchema.MixProject do
  use Mix.Project

  @version "0.1.1"
  @source "https://github.com/org/ledger_schema"

  def project do
    [
      app: :ledger_schema,
      version: @version,
      elixir: "~> 1.14",
      description: "Tables of a ledger, as Ecto schemas and the migrations that make them",
      deps: deps(),
      package: package(),
      docs: docs()
    ]
  end

  def application do
    [extra_applications: [:logger]]
  end

  defp deps do
    [
      {:ecto_sql, "~> 3.10"},
      {:ex_doc, "~> 0.34", only: :dev, runtime: false}
    ]
  end

  defp package do
    [
      licenses: ["MIT"],
      links: %{"GitHub" => @source, "Changelog" => "#{@source}/blob/main/CHANGELOG.md"},
      # Whoever depends on this package runs its migrations, so priv must be in it.
      files: ~w(lib priv .formatter.exs mix.exs README.md CHANGELOG.md LICENSE)
    ]
  end

  defp docs do
    [
      main: "readme",
      source_url: @source,
      source_ref: "v#{@version}",
      extras: ["README.md", "CHANGELOG.md"]
    ]
  end
end
