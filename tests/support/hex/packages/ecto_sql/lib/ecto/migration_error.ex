defmodule Ecto.MigrationError do
  @moduledoc "A migration that cannot be run as it is written."
  defexception [:message]
end
