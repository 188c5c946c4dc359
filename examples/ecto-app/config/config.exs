import Config

config :invoices, ecto_repos: [Invoices.Repo]
