defmodule Invoices.Repo.Migrations.CreateInvoices do
  use Ecto.Migration

  def change do
    execute "CREATE TYPE invoice_status AS ENUM ('open', 'sent', 'paid')",
            "DROP TYPE invoice_status"

    create table(:invoices) do
      # A table of diwa_schema.
      add :tenant_id, references(:tenants, on_delete: :restrict), null: false
      add :plan_id, references(:plans, on_delete: :restrict), null: false
      add :status, :invoice_status, null: false, default: "open"
      add :amount, :integer, null: false
      timestamps(type: :utc_datetime)
    end

    create constraint(:invoices, :amount_is_positive, check: "amount > 0")
  end
end
