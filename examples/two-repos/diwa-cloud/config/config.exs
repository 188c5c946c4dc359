import Config

config :diwa_cloud, ecto_repos: [DiwaCloud.Repo]
