import Config

config :bookkeeping, ecto_repos: [Bookkeeping.Repo]
