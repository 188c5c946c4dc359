/**
 * What goes into a mix.exs so that nobody migrates from there by accident: aliases that check before the task runs.
 * Formatted as `mix format` leaves it inside the module.
 *
 * @param repository name of the repository that it goes to, as the message tells it
 */
export function mixSnippet(repository: string): string {
  return `  # In project/0: aliases: aliases()
  defp aliases do
    [
      "ecto.migrate": [&check_migration_allowed/1, "ecto.migrate"],
      "ecto.rollback": [&check_migration_allowed/1, "ecto.rollback"],
      "ecto.drop": [&check_migration_allowed/1, "ecto.drop"]
    ]
  end

  # The database belongs to another repository: migrations are written and run there.
  defp check_migration_allowed(_args) do
    if System.get_env("ALLOW_CORE_MIGRATION") != "true" do
      Mix.raise("""
      [SAFETY BLOCK] Database migrations in '${elixirText(repository)}' are restricted.
      For a local or throw-away database, set ALLOW_CORE_MIGRATION=true.
      """)
    end
  end
`
}

/** Nothing of a name ends the heredoc or is computed in it. */
function elixirText(name: string): string {
  return name.replaceAll(/[\r\n]/g, ' ').replaceAll(/["\\#]/g, '\\$&')
}
