defmodule Mix.Tasks.Ecto.Create do
  @shortdoc "Creates the repository storage"
  @moduledoc "Creates the database of each repository: `mix ecto.create [-r REPO] [--quiet]`."

  use Mix.Task

  @impl true
  def run(args) do
    for repo <- Mix.Ecto.parse_repo(args) do
      Mix.Ecto.ensure_repo(repo, args)
      created = "The database for #{inspect(repo)} has"

      case repo.__adapter__().storage_up(repo.config()) do
        :ok -> say(args, "#{created} been created")
        {:error, :already_up} -> say(args, "#{created} already been created")
        {:error, reason} -> Mix.raise("The database for #{inspect(repo)} couldn't be created: #{reason}")
      end
    end
  end

  defp say(args, text), do: unless("--quiet" in args or "-q" in args, do: Mix.shell().info(text))
end
