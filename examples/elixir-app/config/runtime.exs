import Config

url =
  case {System.get_env("DATABASE_URL"), config_env()} do
    {nil, :prod} ->
      raise "DATABASE_URL is missing, for example ecto://user:password@host/database"

    {nil, env} ->
      "ecto://postgres:postgres@localhost/bookkeeping_#{env}"

    {url, _env} ->
      url
  end

config :bookkeeping, Bookkeeping.Repo, url: url
