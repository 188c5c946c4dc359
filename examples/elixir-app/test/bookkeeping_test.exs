defmodule BookkeepingTest do
  # One database for all tests.
  use ExUnit.Case, async: false

  alias Bookkeeping.Repo

  setup do
    Repo.query!("TRUNCATE ledger_accounts CASCADE")

    Repo.query!("""
    INSERT INTO ledger_accounts (name, currency, inserted_at, updated_at)
    VALUES ('Cash', 'EUR', now(), now()), ('Bank', 'EUR', now(), now())
    """)

    :ok
  end

  test "a balance is the sum of an account's entries" do
    book("Cash", -250)
    book("Bank", 250)
    book("Bank", 1000)
    assert Bookkeeping.balances() == %{"Cash" => -250, "Bank" => 1250}
  end

  test "the database refuses an entry of nothing" do
    assert_raise Postgrex.Error, ~r/ledger_entries_amount_not_zero/, fn -> book("Cash", 0) end
  end

  defp book(account, amount) do
    Repo.query!("""
    INSERT INTO ledger_entries (account_id, amount, inserted_at)
    SELECT id, #{amount}, now() FROM ledger_accounts WHERE name = '#{account}'
    """)
  end
end
