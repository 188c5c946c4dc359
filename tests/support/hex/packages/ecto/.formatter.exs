locals_without_parens = [
  belongs_to: 2,
  belongs_to: 3,
  field: 1,
  field: 2,
  field: 3,
  has_many: 2,
  has_many: 3,
  has_one: 2,
  has_one: 3,
  timestamps: 1
]

[
  inputs: ["mix.exs", ".formatter.exs", "{lib}/**/*.ex"],
  line_length: 110,
  locals_without_parens: locals_without_parens,
  export: [locals_without_parens: locals_without_parens]
]
