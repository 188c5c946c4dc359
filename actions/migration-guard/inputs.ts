import { resolve } from 'node:path'
import type { InputReader } from '../shared/inputs.ts'
import type { CommonInputs } from '../shared/phases.ts'
import type { RunContext } from '../shared/run-context.ts'
import type { FailOn, LintPolicy } from './configuration.ts'
import type { ChangeRequest } from './read-change.ts'

export interface Inputs extends CommonInputs {
  /** Masked. */
  readonly tokens: Tokens
  /** Path of the configuration in the repository. */
  readonly config: string
  /** Ref or commit that the change is taken from; undefined: the event says it. */
  readonly base: string | undefined
  /** The checkout: absolute, and as the user wrote it. */
  readonly folder: string
  readonly shownFolder: string
  readonly demands: Demands
  /** Where the SARIF report goes: absolute. */
  readonly sarif: string
  readonly context: RunContext
  /** A step of a workflow, or a command on somebody's machine. */
  readonly run: ChangeRequest['run']
  /** Of this process: git gets of it what program.ts lets through. */
  readonly environment: NodeJS.ProcessEnv
}

export interface Tokens {
  /** Reads this repository, and writes the comment and the status. */
  readonly github: string | undefined
  /** Reads the source of truth, where that is another repository. */
  readonly source: string | undefined
  /** Reads the members of teams. */
  readonly team: string | undefined
}

/** What inputs may ask for beyond the configuration; absent where nothing is given. */
export interface Demands {
  readonly failOn?: FailOn
  readonly profile?: LintPolicy['profile']
  readonly lint?: boolean
  readonly postgres?: number
  readonly comment?: boolean
}

/** Where the configuration is, unless an input says otherwise. */
export const defaultConfiguration = '.github/migration-guard.yml'

/** Reads and checks the inputs of migration-guard. */
export function readInputs(reader: InputReader, context: RunContext): Inputs {
  const shownFolder = reader.text('path') ?? '.'
  return {
    tag: undefined,
    dryRun: reader.flag('dry-run', false),
    tokens: {
      github: reader.secret('github-token'),
      source: reader.secret('source-token'),
      team: reader.secret('team-token')
    },
    config: readConfigPath(reader),
    base: readBase(reader),
    folder: resolve(context.workspace, shownFolder),
    shownFolder: shownFolder.replace(/[/\\]+$/, '') || shownFolder,
    demands: readDemands(reader),
    sarif: resolve(context.workspace, reader.text('sarif') ?? resolve(context.temp, 'migration-guard.sarif')),
    context,
    run: { kind: 'workflow', context },
    environment: process.env
  }
}

function readDemands(reader: InputReader): Demands {
  const given = (name: string): boolean => reader.text(name) !== undefined
  const postgres = readPostgres(reader)
  return {
    ...(given('fail-on') ? { failOn: reader.choice('fail-on', ['error', 'warning', 'never'], 'error') } : {}),
    ...(given('profile') ? { profile: reader.choice('profile', ['default', 'calm', 'strict'], 'default') } : {}),
    ...(given('lint') ? { lint: reader.flag('lint', true) } : {}),
    ...(postgres === undefined ? {} : { postgres }),
    ...(given('comment') ? { comment: reader.flag('comment', true) } : {})
  }
}

/** Below 10, versions had two numbers, and none is supported by anybody. */
export const oldestPostgres = 10
const newestPostgres = 99

function readPostgres(reader: InputReader): number | undefined {
  const text = reader.text('postgres')
  if (text === undefined) return undefined
  const version = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  if (version >= oldestPostgres && version <= newestPostgres) return version
  reader.reject({
    code: 'guard-input',
    message: `Input postgres is ${JSON.stringify(text)}, which is no major version of PostgreSQL.`,
    hint: 'Write the major version of the server alone: `postgres: 16`.'
  })
  return undefined
}

/** It is read from a tree of git, so it is a path of git: with `/`, without `..`. */
function readConfigPath(reader: InputReader): string {
  const text = reader.text('config')
  if (text === undefined) return defaultConfiguration
  const parts = text.split('/').filter((part) => part !== '.')
  if (!text.startsWith('/') && !text.includes('\\') && !parts.includes('..') && !parts.includes('')) {
    return parts.join('/')
  }
  reader.reject({
    code: 'guard-input',
    message: `Input config is ${JSON.stringify(text)}, which is no path of a file in this repository.`,
    hint: `Write it relative to the repository's root, with \`/\`: \`config: ${defaultConfiguration}\`.`
  })
  return defaultConfiguration
}

/** What git takes as an option, or as more than one commit, is no ref. */
function readBase(reader: InputReader): string | undefined {
  const text = reader.text('base')
  if (text === undefined || isRevision(text)) return text
  reader.reject({
    code: 'guard-input',
    message: `Input base is ${JSON.stringify(text)}, which names no branch, tag or commit.`,
    hint: 'Write a branch, a tag or a commit: `base: main`.'
  })
  return undefined
}

/** Whether a text can name one commit: no option, no range, nothing that git-check-ref-format(1) forbids in names. */
export function isRevision(text: string): boolean {
  return !text.startsWith('-') && !text.includes('..') && !/[\s:?*[\\\p{Cc}]/u.test(text)
}
