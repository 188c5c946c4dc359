defmodule Invoices.Release do
  @moduledoc """
  What is done to the database by a release, where there is no Mix:

      bin/invoices eval 'Invoices.Release.migrate()'
  """

  @app :invoices

  @doc "Runs what has not run yet of both: the tables that are shared, and our own. Once more does nothing."
  def migrate do
    with_each_repo(&Ecto.Migrator.run(&1, folders(&1), :up, all: true))
  end

  @doc "Takes migrations back, the newest first, down to the one of the version; that one goes too."
  def rollback(repo, version) do
    with_repo(repo, &Ecto.Migrator.run(&1, folders(&1), :down, to: version))
  end

  @doc "Puts in what the application cannot do without. Once more changes nothing."
  def seed do
    with_each_repo(fn _repo -> Code.eval_file(Application.app_dir(@app, "priv/repo/seeds.exs")) end)
  end

  @doc "Does the application come through to its database?"
  def check do
    with_each_repo(fn _repo -> IO.puts("#{map_size(Invoices.outstanding())} tenants have something to pay") end)
  end

  defp folders(repo), do: [DiwaSchema.migrations(), Ecto.Migrator.migrations_path(repo)]

  defp with_each_repo(fun) do
    Application.load(@app)
    for repo <- Application.fetch_env!(@app, :ecto_repos), do: with_repo(repo, fun)
    :ok
  end

  defp with_repo(repo, fun) do
    Application.load(@app)
    {:ok, _, _} = Ecto.Migrator.with_repo(repo, fun)
    :ok
  end
end
