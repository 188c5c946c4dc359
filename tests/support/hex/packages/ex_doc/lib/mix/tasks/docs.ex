defmodule Mix.Tasks.Docs do
  @shortdoc "Generate documentation for the project"
  @moduledoc "Writes the documentation of the project: `mix docs [-o | --output FOLDER]`, `doc` by default."

  use Mix.Task

  @impl true
  def run(args) do
    {options, _} =
      OptionParser.parse!(args,
        strict: [output: :string, formatter: :keep],
        aliases: [o: :output, f: :formatter]
      )

    Mix.Task.run("compile")
    config = Mix.Project.config()
    docs = config[:docs] || []
    output = options[:output] || docs[:output] || "doc"
    Mix.shell().info("Generating docs...")

    ExDoc.write(output, %{
      title: config[:name] || to_string(config[:app]),
      version: config[:version],
      modules: modules(config[:app]),
      extras: for(extra <- docs[:extras] || [], do: extra(extra)),
      main: docs[:main] || "api-reference"
    })

    Mix.shell().info("View \"html\" docs at #{inspect(Path.join(output, "index.html"))}")
  end

  defp modules(app) do
    Application.load(app)
    app |> Application.spec(:modules) |> Enum.sort()
  end

  defp extra({file, _options}), do: to_string(file)
  defp extra(file), do: to_string(file)
end
