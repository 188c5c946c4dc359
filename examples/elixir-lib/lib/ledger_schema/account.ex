defmodule LedgerSchema.Account do
  @moduledoc """
  An account, in one currency.
  """

  use Ecto.Schema
  import Ecto.Changeset

  schema "ledger_accounts" do
    field :name, :string
    field :currency, :string
    field :closed_on, :date
    has_many :entries, LedgerSchema.Entry
    timestamps(type: :utc_datetime)
  end

  @doc "Checks what an account is made or changed with."
  def changeset(account, attributes) do
    account
    |> cast(attributes, [:name, :currency, :closed_on])
    |> validate_required([:name, :currency])
    |> validate_format(:currency, ~r/^[A-Z]{3}$/)
    |> unique_constraint(:name)
  end
end
