defmodule LedgerSchema.Migrations.CreateLedgerAccounts do
  use Ecto.Migration

  def change do
    create table(:ledger_accounts) do
      add :name, :string, null: false
      add :currency, :string, size: 3, null: false
      timestamps(type: :utc_datetime)
    end

    create unique_index(:ledger_accounts, [:name])
  end
end
