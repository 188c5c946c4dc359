defmodule Invoices.Repo.Migrations.IndexInvoicesByTenant do
  use Ecto.Migration

  # CONCURRENTLY cannot stand in a transaction, nor beside Ecto's lock of the table schema_migrations.
  @disable_ddl_transaction true
  @disable_migration_lock true

  def change do
    create index(:invoices, [:tenant_id, :status], concurrently: true)
  end
end
