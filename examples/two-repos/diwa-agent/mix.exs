defmodule DiwaAgent.MixProject do
  use Mix.Project

  def project do
    [
      app: :diwa_agent,
      version: "0.1.0",
      elixir: "~> 1.14",
      deps: deps(),
      aliases: aliases()
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

  defp aliases do
    [
      "ecto.migrate": [&check_migration_allowed/1, "ecto.migrate"],
      "ecto.rollback": [&check_migration_allowed/1, "ecto.rollback"],
      "ecto.drop": [&check_migration_allowed/1, "ecto.drop"]
    ]
  end

  # The database belongs to another repository: migrations are written and run there.
  defp check_migration_allowed(_args) do
    if System.get_env("ALLOW_CORE_MIGRATION") != "true" do
      Mix.raise("""
      [SAFETY BLOCK] Database migrations in 'diwa-agent' are restricted.
      For a local or throw-away database, set ALLOW_CORE_MIGRATION=true.
      """)
    end
  end
end
