defmodule Mix.Tasks.Ecto.Drop do
  @shortdoc "Drops the repository storage"
  @moduledoc "Drops the database of each repository: `mix ecto.drop [-r REPO] [--force] [--quiet]`."

  use Mix.Task

  @impl true
  def run(args) do
    for repo <- Mix.Ecto.parse_repo(args) do
      Mix.Ecto.ensure_repo(repo, args)
      if allowed?(repo, args), do: drop(repo, args)
    end
  end

  # Only a project that is started for good (in production) is asked about.
  defp allowed?(repo, args) do
    Mix.Project.config()[:start_permanent] != true or "--force" in args or "-f" in args or
      Mix.shell().yes?("Are you sure you want to drop the database for repo #{inspect(repo)}?")
  end

  defp drop(repo, args) do
    dropped = "The database for #{inspect(repo)} has"

    case repo.__adapter__().storage_down(repo.config()) do
      :ok -> say(args, "#{dropped} been dropped")
      {:error, :already_down} -> say(args, "#{dropped} already been dropped")
      {:error, reason} -> Mix.raise("The database for #{inspect(repo)} couldn't be dropped: #{reason}")
    end
  end

  defp say(args, text), do: unless("--quiet" in args or "-q" in args, do: Mix.shell().info(text))
end
