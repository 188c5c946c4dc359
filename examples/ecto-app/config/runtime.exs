import Config

url =
  case {System.get_env("DATABASE_URL"), config_env()} do
    {nil, :prod} ->
      raise "DATABASE_URL is missing, for example ecto://user:password@host/database"

    {nil, env} ->
      "ecto://postgres:postgres@localhost/invoices_#{env}"

    {url, _env} ->
      url
  end

# What migrates can be found and ended by its session's name, and waits for no lock longer than it is told (milliseconds).
config :invoices, Invoices.Repo,
  url: url,
  parameters: [
    application_name: System.get_env("PGAPPNAME", "invoices"),
    lock_timeout: System.get_env("DB_LOCK_TIMEOUT", "0"),
    statement_timeout: System.get_env("DB_STATEMENT_TIMEOUT", "0")
  ]
