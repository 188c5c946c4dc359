import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a project's configuration says of its database, read as text and never run. */
export interface EctoConfiguration {
  /** Variables that hold a database's URL, besides `DATABASE_URL`. */
  readonly urlVariables: readonly string[]
  /**
   * Whether the session's name is `PGAPPNAME`, which a Repo's `parameters` hand to Postgrex: it reads neither that
   * variable nor `PGOPTIONS` or `?options=` by itself.
   */
  readonly parameters: 'named in configuration' | 'none'
}

/** @param places folders with `config/*.exs`, or with the `runtime.exs` of a release */
export function readEctoConfiguration(places: readonly string[]): EctoConfiguration {
  const text = places
    .flatMap((place) =>
      globSync(['config/*.exs', 'apps/*/config/*.exs', '*.exs'], { cwd: place }).map((file) => join(place, file))
    )
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').replaceAll(/^\s*#.*$/gm, ''))
    .join('\n')
  const variables = [...text.matchAll(/\burl:\s*(?:System\.(?:get_env|fetch_env!)\(?\s*"(\w+)"|([a-z_]\w*))/g)].flatMap(
    ([, direct, name]) => (direct === undefined ? variablesBehind(name ?? '', text) : [direct])
  )
  return {
    urlVariables: [...new Set(variables)].filter((name) => name !== 'DATABASE_URL'),
    parameters: /\bparameters:/.test(text) && text.includes('"PGAPPNAME"') ? 'named in configuration' : 'none'
  }
}

/** `database_url = System.get_env("DATABASE_URL") || raise …`, as Phoenix writes it. */
function variablesBehind(name: string, text: string): readonly string[] {
  const given = new RegExp(`\\b${name}\\s*=\\s*(?:System\\.(?:get_env|fetch_env!)\\(?\\s*"(\\w+)")`).exec(text)?.[1]
  return given === undefined ? [] : [given]
}
