import Config

config :diwa_agent, ecto_repos: [DiwaAgent.Repo]
