defmodule Bookkeeping do
  @moduledoc """
  Books entries into the ledger, whose tables come with the package `ledger_schema`.
  """

  alias Bookkeeping.Repo

  @doc "The balance of each account, in the smallest unit of its currency, by the account's name."
  @spec balances() :: %{String.t() => integer}
  def balances do
    # The sum is asked for as text, because PostgreSQL's sum of bigints is a numeric.
    %{rows: rows} =
      Repo.query!("""
      SELECT a.name, coalesce(sum(e.amount), 0)::text
      FROM ledger_accounts a LEFT JOIN ledger_entries e ON e.account_id = a.id
      GROUP BY a.name
      """)

    Map.new(rows, fn [name, balance] -> {name, String.to_integer(balance)} end)
  end
end
