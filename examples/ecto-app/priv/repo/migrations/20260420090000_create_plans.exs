defmodule Invoices.Repo.Migrations.CreatePlans do
  use Ecto.Migration

  def change do
    create table(:plans) do
      add :key, :string, null: false
      add :title, :string, null: false
      # In cents, for a month.
      add :price, :integer, null: false
      timestamps(type: :utc_datetime)
    end

    create unique_index(:plans, [:key])
  end
end
