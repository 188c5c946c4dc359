import { resolve } from 'node:path'
import type { CommonInputs } from '../../shared/phases.ts'
import type { InputReader } from '../../shared/inputs.ts'
import type { ReleaseTag } from '../../shared/release-tag.ts'
import type { RunContext } from '../../shared/run-context.ts'
import { readReleaseTag } from '../../shared/tag-input.ts'
import { checkKeyForm } from '../credentials.ts'
import type { BuildTool } from '../project.ts'
import { readMode } from '../mode.ts'
import { hexVersionOf, readOrganization, readPackageName, readReleasedVersion } from '../release-input.ts'

/** Which version is released, and who says so. */
export interface Wanted {
  /** As Hex spells it. */
  readonly version: string
  readonly tag: ReleaseTag | undefined
  /** The package that `package` names (mode docs); otherwise the tarball says it. */
  readonly name: string | undefined
}

/** Where the tarball comes from: a file that an earlier job built, or the project. */
export type Source =
  | { readonly kind: 'tarball'; readonly pattern: string }
  | { readonly kind: 'project'; readonly tool: BuildTool | 'auto' }

export interface Inputs extends CommonInputs {
  readonly mode: 'publish' | 'docs'
  /** Absent only when an input was rejected; the run ends then before anything else. */
  readonly wanted: Wanted | undefined
  readonly source: Source
  /** Absolute. */
  readonly workspace: string
  /** The project's folder: absolute, and as the user wrote it. */
  readonly folder: string
  readonly shownFolder: string
  readonly docs: 'auto' | 'true' | 'false'
  /** A ready folder with documentation. */
  readonly docsFolder: { readonly path: string; readonly shown: string } | undefined
  /** Semver ranges. */
  readonly toolchain: { readonly elixir: string | undefined; readonly otp: string | undefined }
  readonly organization: string | undefined
  readonly apiKey: string | undefined
  readonly requiredFiles: readonly string[]
  /** Absent: the defaults of policy.ts. */
  readonly forbiddenFiles: readonly string[] | undefined
  readonly replace: boolean
  /** Milliseconds; 0: the registry is not waited for. */
  readonly wait: number
  readonly lateRegistry: 'fail' | 'warn'
  /** Of this process, with every secret in it: what programs get of it is for toolchain.ts to say. */
  readonly environment: NodeJS.ProcessEnv
}

/** Reads and checks the inputs of the modes publish and docs. */
export function readInputs(reader: InputReader, context: RunContext): Inputs {
  const mode = readMode(reader) === 'docs' ? 'docs' : 'publish'
  const wanted = readWanted(reader, context, mode)
  const shownFolder = reader.text('path') ?? '.'
  const pattern = reader.text('tarball')
  const tool = reader.choice('build-tool', ['auto', 'mix', 'rebar3', 'gleam'], 'auto')
  const shownDocs = reader.text('docs-folder')
  const forbidden = reader.lines('forbidden-files')
  return {
    mode,
    tag: wanted?.tag?.raw,
    wanted,
    dryRun: reader.flag('dry-run', false),
    source: pattern === undefined ? { kind: 'project', tool } : { kind: 'tarball', pattern },
    workspace: context.workspace,
    folder: resolve(context.workspace, shownFolder),
    shownFolder: withoutTrailingSlash(shownFolder),
    docs: readDocs(reader, mode, shownDocs),
    docsFolder:
      shownDocs === undefined
        ? undefined
        : { path: resolve(context.workspace, shownDocs), shown: withoutTrailingSlash(shownDocs) },
    toolchain: { elixir: reader.text('elixir-version'), otp: reader.text('otp-version') },
    organization: readOrganization(reader),
    apiKey: readApiKey(reader),
    requiredFiles: reader.lines('required-files'),
    forbiddenFiles: forbidden.length === 0 ? undefined : forbidden,
    replace: readReplace(reader, mode),
    wait: readWait(reader),
    lateRegistry: reader.choice('late-registry', ['fail', 'warn'], 'fail'),
    environment: process.env
  }
}

/** In mode docs, `version` stands in for the tag: the docs of an older release can be sent from any ref. */
function readWanted(reader: InputReader, context: RunContext, mode: Inputs['mode']): Wanted | undefined {
  const name = mode === 'docs' ? readPackageName(reader) : undefined
  if (mode === 'docs' && reader.text('version') !== undefined) {
    const version = readReleasedVersion(reader)
    return version === undefined ? undefined : { version, tag: undefined, name }
  }
  const tag = readReleaseTag(reader, context)
  const version = tag && hexVersionOf(reader, tag)
  return version === undefined ? undefined : { version, tag, name }
}

function readDocs(reader: InputReader, mode: Inputs['mode'], docsFolder: string | undefined): Inputs['docs'] {
  const docs = reader.choice('docs', ['auto', 'true', 'false'], 'auto')
  if (docs === 'false' && (mode === 'docs' || docsFolder !== undefined)) {
    reader.reject({
      code: 'docs-switched-off',
      message: `Input docs is false, and ${mode === 'docs' ? 'mode is docs' : 'docs-folder is given'}.`,
      hint: 'Take one of the two away.'
    })
  }
  return docs
}

function readApiKey(reader: InputReader): string | undefined {
  const key = reader.secret('api-key')
  for (const problem of key === undefined ? [] : checkKeyForm(key)) reader.reject(problem)
  return key
}

function readReplace(reader: InputReader, mode: Inputs['mode']): boolean {
  const replace = reader.flag('replace', false)
  if (replace && mode === 'docs') {
    reader.reject({
      code: 'replace-in-docs',
      message: 'Input replace is true, and mode is docs.',
      hint: 'Take replace away: docs can be replaced at any time, and a release is replaced by mode publish.'
    })
  }
  return replace
}

/** Seconds. */
const defaultWait = 300
/** GitHub ends a job after six hours. */
const longestWait = 6 * 60 * 60

function readWait(reader: InputReader): number {
  const value = reader.text('wait')
  if (value === undefined) return defaultWait * 1000
  if (/^[0-9]{1,6}$/.test(value) && Number(value) <= longestWait) return Number(value) * 1000
  reader.reject({
    code: 'wait-not-seconds',
    message: `Input wait is ${JSON.stringify(value)}.`,
    hint: `Write whole seconds from 0 (do not wait) to ${longestWait}, such as \`wait: ${defaultWait}\`.`
  })
  return defaultWait * 1000
}

function withoutTrailingSlash(path: string): string {
  return path.replace(/[/\\]+$/, '') || path
}
