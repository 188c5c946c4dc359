defmodule Bookkeeping.Release do
  @moduledoc """
  What is done to the database by a release, where there is no Mix:

      bin/bookkeeping eval 'Bookkeeping.Release.migrate()'
  """

  @app :bookkeeping

  @doc "Runs the migrations of the ledger that have not run yet."
  def migrate do
    with_each_repo(&Ecto.Migrator.run(&1, LedgerSchema.migrations_path(), :up, all: true))
  end

  @doc "Takes migrations back, down to and with the one of the version."
  def rollback(version) do
    with_each_repo(&Ecto.Migrator.run(&1, LedgerSchema.migrations_path(), :down, to: version))
  end

  defp with_each_repo(fun) do
    Application.load(@app)

    for repo <- Application.fetch_env!(@app, :ecto_repos) do
      {:ok, _, _} = Ecto.Migrator.with_repo(repo, fun)
    end

    :ok
  end
end
