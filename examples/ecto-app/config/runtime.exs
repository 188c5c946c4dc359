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

# Names the sessions, so that one that migrates can be found and ended.
config :invoices, Invoices.Repo,
  url: url,
  parameters: [application_name: System.get_env("PGAPPNAME", "invoices")]
