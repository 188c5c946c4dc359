defmodule LedgerSchema.Migrations.AddClosedOnToLedgerAccounts do
  use Ecto.Migration

  def change do
    alter table(:ledger_accounts) do
      add :closed_on, :date
    end

    execute(
      "COMMENT ON COLUMN ledger_accounts.closed_on IS 'the last day that entries may be booked on'",
      "COMMENT ON COLUMN ledger_accounts.closed_on IS NULL"
    )
  end
end
