[
  import_deps: [:ecto, :ecto_sql],
  inputs: ["{mix,.formatter}.exs", "{lib,test}/**/*.{ex,exs}", "priv/*/migrations/*.exs"]
]
