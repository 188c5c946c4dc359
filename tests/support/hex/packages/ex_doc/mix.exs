defmodule ExDoc.MixProject do
  use Mix.Project

  def project do
    [
      app: :ex_doc,
      version: "0.34.2",
      elixir: "~> 1.14",
      description: "Stand-in for ex_doc: a plain page for each module and each extra",
      deps: [],
      package: [licenses: ["MIT"], links: %{}]
    ]
  end

  def application, do: [extra_applications: [:eex]]
end
