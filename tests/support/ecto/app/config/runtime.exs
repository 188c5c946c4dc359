import Config

config :app, App.Repo, url: System.fetch_env!("DATABASE_URL")
