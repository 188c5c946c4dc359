defmodule App.Release do
  @moduledoc "Migrates where there is no Mix (https://hexdocs.pm/phoenix/releases.html)."

  def migrate do
    for repo <- repos(), do: {:ok, _, _} = Ecto.Migrator.with_repo(repo, &Ecto.Migrator.run(&1, :up, all: true))
  end

  def rollback(repo, version) do
    {:ok, _, _} = Ecto.Migrator.with_repo(repo, &Ecto.Migrator.run(&1, :down, to: version))
  end

  defp repos do
    Application.load(:app)
    Application.fetch_env!(:app, :ecto_repos)
  end
end
