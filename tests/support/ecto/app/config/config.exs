import Config

config :app, ecto_repos: [App.Repo]
