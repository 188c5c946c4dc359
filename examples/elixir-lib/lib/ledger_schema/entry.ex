defmodule LedgerSchema.Entry do
  @moduledoc """
  An amount that was booked to an account, in the smallest unit of its currency.
  """

  use Ecto.Schema
  import Ecto.Changeset

  schema "ledger_entries" do
    field :amount, :integer
    field :booked_on, :date
    field :memo, :string
    belongs_to :account, LedgerSchema.Account
    timestamps(type: :utc_datetime, updated_at: false)
  end

  @doc "Checks what an entry is made with. Entries are never changed."
  def changeset(entry, attributes) do
    entry
    |> cast(attributes, [:account_id, :amount, :booked_on, :memo])
    |> validate_required([:account_id, :amount, :booked_on])
    |> validate_change(:amount, fn :amount, amount ->
      if amount == 0, do: [amount: "must not be zero"], else: []
    end)
    |> foreign_key_constraint(:account_id)
    |> check_constraint(:amount, name: :ledger_entries_amount_not_zero)
  end
end
