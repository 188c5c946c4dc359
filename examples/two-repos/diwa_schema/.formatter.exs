[
  import_deps: [:ecto_sql],
  inputs: ["{mix,.formatter}.exs", "{lib,priv}/**/*.{ex,exs}"]
]
