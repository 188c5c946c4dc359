defmodule LedgerSchemaTest do
  use ExUnit.Case, async: true

  alias LedgerSchema.{Account, Entry}

  describe "an account" do
    test "has a name and a currency" do
      changeset = Account.changeset(%Account{}, %{"name" => "Cash", "currency" => "EUR"})
      assert changeset.valid?
      assert %Account{name: "Cash", currency: "EUR"} = Ecto.Changeset.apply_changes(changeset)
    end

    test "is refused without them, and with a currency that is no code" do
      assert errors(Account.changeset(%Account{}, %{})) == [:currency, :name]

      assert errors(Account.changeset(%Account{}, %{name: "Cash", currency: "euro"})) == [
               :currency
             ]
    end
  end

  describe "an entry" do
    test "moves an amount that is not zero" do
      attributes = %{account_id: 1, amount: -250, booked_on: ~D[2026-03-02]}
      assert Entry.changeset(%Entry{}, attributes).valid?
      assert errors(Entry.changeset(%Entry{}, %{attributes | amount: 0})) == [:amount]
    end
  end

  describe "the migrations" do
    test "are in the package, each with a version of its own" do
      versions =
        for file <- migrations(), do: file |> Path.basename() |> Integer.parse() |> elem(0)

      assert length(versions) >= 3
      assert versions == Enum.uniq(versions)
    end

    test "can all be taken back" do
      for file <- migrations() do
        assert [{module, _}] = Code.compile_file(file)
        assert function_exported?(module, :change, 0)
      end
    end
  end

  defp migrations, do: LedgerSchema.migrations_path() |> Path.join("*.exs") |> Path.wildcard()

  defp errors(changeset), do: changeset.errors |> Keyword.keys() |> Enum.sort()
end
