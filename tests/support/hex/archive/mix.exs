defmodule Hex.MixProject do
  use Mix.Project

  def project do
    [
      app: :hex,
      # Mix asks for a module Hex of 0.19 (Elixir 1.14) or 2.0.6 (1.19) at least; the suffix tells it from the real one.
      version: "2.5.0-stand-in",
      elixir: "~> 1.14",
      deps: []
    ]
  end

  def application do
    [extra_applications: [:crypto, :public_key, :ssl, :inets]]
  end
end
