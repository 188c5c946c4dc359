/** How a project's migrations are run: by Mix, or by a release. */
export type EctoProgram = MixProgram | ReleaseProgram

interface EctoPlace {
  /** Absolute, the working directory of each command. */
  readonly folder: string
  /** Of this process; each command gets of it what holds no secret, and its own URL. */
  readonly environment: NodeJS.ProcessEnv
  /** Variables that hold the URL of the database, as the project's configuration reads them. */
  readonly urlVariables: readonly string[]
  /** The project's configuration hands `parameters` to Postgrex, so that a session can get a name and limits. */
  readonly parameters: 'named in configuration' | 'none'
}

export interface MixProgram extends EctoPlace {
  readonly kind: 'mix'
  /** Path of mix. */
  readonly mix: string
  /** `--repo`, `--migrations-path`, `--prefix` as each command gets them. */
  readonly options: readonly string[]
  /** Relative to the folder; undefined where there is none. */
  readonly seeds: string | undefined
}

export interface ReleaseProgram extends EctoPlace {
  readonly kind: 'release'
  /** Absolute: `…/bin/app`. */
  readonly binary: string
  /** `App.Release.migrate()` */
  readonly call: string
  /** `App.Release.rollback(App.Repo, {to})`, where `{to}` stands for the version. */
  readonly rollbackCall: string | undefined
}
