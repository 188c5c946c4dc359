defmodule Invoices do
  @moduledoc """
  Invoices of tenants. The tenants themselves are in the tables of `diwa_schema`.
  """

  alias Invoices.Repo

  @doc "What is not paid yet, in cents, by the tenant's name."
  @spec outstanding() :: %{String.t() => integer}
  def outstanding do
    # The sum is asked for as text, because PostgreSQL's sum of bigints is a numeric.
    %{rows: rows} =
      Repo.query!("""
      SELECT t.name, sum(i.amount)::text
      FROM invoices i JOIN tenants t ON t.id = i.tenant_id
      WHERE i.status <> 'paid'
      GROUP BY t.name
      """)

    Map.new(rows, fn [name, amount] -> {name, String.to_integer(amount)} end)
  end
end
