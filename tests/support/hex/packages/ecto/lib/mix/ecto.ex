defmodule Mix.Ecto do
  @moduledoc "What the tasks of Ecto share."

  @doc "The repositories of `-r`/`--repo`, or those of the project's configuration."
  def parse_repo(args) do
    {options, _, _} = OptionParser.parse(args, switches: [repo: :keep], aliases: [r: :repo])

    case Keyword.get_values(options, :repo) do
      [] -> configured(Mix.Project.config()[:app])
      names -> Enum.map(names, &Module.concat([&1]))
    end
  end

  defp configured(app) do
    Mix.Task.run("app.config", [])
    Application.load(app)

    case Application.get_env(app, :ecto_repos, []) do
      [] ->
        Mix.shell().error("warning: could not find Ecto repos in any of the apps: #{inspect([app])}.")
        []

      repos ->
        repos
    end
  end

  @doc "Compiles the project and gives the repository. Raises when the module is none."
  def ensure_repo(repo, _args) do
    Mix.Task.run("app.config", [])

    if Code.ensure_loaded?(repo) and function_exported?(repo, :__adapter__, 0) do
      repo
    else
      Mix.raise("Could not load #{inspect(repo)}: it is not an Ecto.Repo. Pass a repo with the -r option.")
    end
  end
end
