defmodule LedgerSchema.Migrations.CreateLedgerEntries do
  use Ecto.Migration

  def change do
    create table(:ledger_entries) do
      add :account_id, references(:ledger_accounts, on_delete: :restrict), null: false
      add :amount, :bigint, null: false
      add :booked_on, :date, null: false, default: fragment("current_date")
      add :memo, :text
      timestamps(type: :utc_datetime, updated_at: false)
    end

    create index(:ledger_entries, [:account_id, :booked_on])
    create constraint(:ledger_entries, :ledger_entries_amount_not_zero, check: "amount <> 0")
  end
end
