import { resolve } from 'node:path'
import { readBypass, type Bypass } from '../../shared/hex/bypass.ts'
import { isHexVersion } from '../../shared/hex/elixir-version.ts'
import { isHexPackageName } from '../../shared/hex/package-name.ts'
import type { InputReader } from '../../shared/inputs.ts'
import type { CommonInputs } from '../../shared/phases.ts'
import type { RunContext } from '../../shared/run-context.ts'
import { readOrganization } from '../release-input.ts'

export interface Inputs extends CommonInputs {
  /** Absent only when an input was rejected; the run ends then before anything else. */
  readonly dependency: { readonly name: string; readonly version: string | undefined } | undefined
  /** Folder of the dependency that must be there; undefined where none is asked for. */
  readonly dependencyFolder: string | undefined
  /** The project's folder: absolute, and as the user wrote it. */
  readonly folder: string
  readonly shownFolder: string
  readonly organization: string | undefined
  readonly bypass: Bypass | undefined
  /** Of this process: Mix gets of it what program.ts lets through. */
  readonly environment: NodeJS.ProcessEnv
}

/** Reads and checks the inputs of mode verify. It has no tag, and needs no key. */
export function readInputs(reader: InputReader, context: RunContext): Inputs {
  const shownFolder = reader.text('path') ?? '.'
  const bypass = readBypass({ reason: reader.text('bypass-reason'), until: reader.text('bypass-until') }, Date.now())
  for (const problem of 'problems' in bypass ? bypass.problems : []) reader.reject(problem)
  return {
    tag: undefined,
    dryRun: reader.flag('dry-run', false),
    dependency: readDependency(reader),
    dependencyFolder: readFolder(reader),
    folder: resolve(context.workspace, shownFolder),
    shownFolder: shownFolder.replace(/[/\\]+$/, '') || shownFolder,
    organization: readOrganization(reader),
    bypass: 'problems' in bypass ? undefined : bypass.bypass,
    environment: process.env
  }
}

/** `NAME` or `NAME@VERSION` */
function readDependency(reader: InputReader): Inputs['dependency'] {
  const text = reader.text('dependency')
  const [, name = '', version] = /^([^@]*)(?:@(.*))?$/s.exec(text ?? '') ?? []
  if (isHexPackageName(name) && (version === undefined || isHexVersion(version))) return { name, version }
  reader.reject({
    code: 'dependency-name',
    message:
      text === undefined
        ? 'Input dependency is missing.'
        : `Input dependency is ${JSON.stringify(text)}, which is neither a name nor a name with a version.`,
    hint: 'Write the name as in mix.exs, with or without a whole version: `dependency: diwa_schema` or `dependency: diwa_schema@0.1.0`.'
  })
  return undefined
}

/** `.` asks for none. */
function readFolder(reader: InputReader): string | undefined {
  const text = reader.text('dependency-folder') ?? 'priv/repo/migrations'
  const names = text.split('/').filter((name) => name !== '' && name !== '.')
  if (names.length === 0 && !text.startsWith('/')) return undefined
  if (!text.startsWith('/') && !/[\\:\0]/.test(text) && !names.includes('..')) return names.join('/')
  reader.reject({
    code: 'dependency-folder',
    message: `Input dependency-folder is ${JSON.stringify(text)}, which is no folder of the dependency.`,
    hint: 'Write it relative to the dependency, with `/`: `priv/repo/migrations`; or `.` where no folder is asked for.'
  })
  return undefined
}
