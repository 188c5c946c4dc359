defmodule Diwa.Repo.Migrations.CreateContexts do
  use Ecto.Migration

  def change do
    create table(:contexts) do
      add :tenant_id, references(:tenants, on_delete: :delete_all), null: false
      add :title, :string, null: false
      add :body, :text
      timestamps(type: :utc_datetime)
    end

    create index(:contexts, [:tenant_id])
  end
end
