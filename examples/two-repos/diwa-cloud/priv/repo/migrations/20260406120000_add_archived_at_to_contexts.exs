defmodule Diwa.Repo.Migrations.AddArchivedAtToContexts do
  use Ecto.Migration

  def change do
    alter table(:contexts) do
      add :archived_at, :utc_datetime
    end
  end
end
