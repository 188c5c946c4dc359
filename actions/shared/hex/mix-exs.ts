import type { Problem } from '../problem.ts'
import { readElixirCode, type ElixirCode } from './elixir-code.ts'
import { findDefinitions, type ElixirDefinitions } from './elixir-definitions.ts'
import { keywords } from './elixir-expression.ts'
import { ElixirFault } from './elixir-tokens.ts'
import { isPair, readDependencies, resolve, type MixDependencies } from './mix-dependencies.ts'

/** What a mix.exs says, as far as it can be read without running it. */
export interface MixExs extends MixDependencies {
  readonly app: Setting
  readonly version: Setting
  /** Folders and files relative to that of mix.exs. */
  readonly depsPath: Setting
  readonly lockfile: Setting
  /** Only an umbrella's root has it. */
  readonly appsPath: Setting
}

/** A key of the project: its text, `not given`, or `computed` when only running the file tells. */
export type Setting = { readonly text: string } | 'not given' | 'computed'

/** Characters; ten times the longest that anybody is known to keep. */
const largest = 256 * 1024

/**
 * Reads a mix.exs without running it.
 *
 * @param shown the file's path for problems
 */
export function readMixExs(
  text: string,
  shown: string
): { readonly mixExs: MixExs } | { readonly problems: readonly Problem[] } {
  const unreadable = (message: string, line: number): { readonly problems: readonly Problem[] } => ({
    problems: [
      {
        code: 'mix-exs-unreadable',
        message: `mix.exs cannot be read: ${message}.`,
        hint: 'Run `mix format --check-formatted mix.exs` to see what Elixir says of it, and mend the file.',
        file: shown,
        line
      }
    ]
  })
  if (text.length > largest)
    return unreadable(`it has ${text.length} characters, more than the ${largest} that are read`, 1)
  try {
    const code = readElixirCode(text)
    return { mixExs: readProject(code, findDefinitions(code)) }
  } catch (error) {
    if (error instanceof ElixirFault) return unreadable(error.message, error.line)
    throw error
  }
}

function readProject(code: ElixirCode, definitions: ElixirDefinitions): MixExs {
  const bodies = definitions.clauses('project', 0) ?? []
  const doubts = [
    ...definitions.doubts,
    ...(bodies.length === 1 ? [] : [{ why: `the file defines ${bodies.length} functions project/0`, line: 1 }]),
    ...bodies.flatMap((body) =>
      body.kind === 'list' && body.items.every(isPair)
        ? []
        : [{ why: 'the project is computed there', line: body.line }]
    )
  ]
  // Of a list that is joined with more, the keys that are written out still tell where to look.
  const settings = bodies.flatMap((body) => (body.kind === 'joined' ? body.items : [body])).map(keywords)
  const setting = (name: string): Setting => {
    const values = settings.flatMap((pairs) => pairs.get(name) ?? [])
    const [value] = values.map((each) => resolve(each, definitions))
    if (value === undefined) return doubts.length === 0 ? 'not given' : 'computed'
    const plain = values.length === 1 && (value.kind === 'text' || value.kind === 'atom')
    return plain && !value.text.includes('\0') ? { text: value.text } : 'computed'
  }
  const deps = [
    ...settings.flatMap((pairs) => pairs.get('deps') ?? []),
    ...bodies.filter(({ kind }) => kind === 'computed')
  ]
  const read = readDependencies(code, definitions, deps)
  const places = { depsPath: setting('deps_path'), lockfile: setting('lockfile'), appsPath: setting('apps_path') }
  const computed = Object.values(places).includes('computed')
  return {
    app: setting('app'),
    version: setting('version'),
    ...places,
    dependencies: read.dependencies,
    doubts: [
      ...doubts,
      ...(computed && doubts.length === 0
        ? [{ why: 'deps_path, lockfile or apps_path is computed', line: bodies[0]?.line ?? 1 }]
        : []),
      ...read.doubts
    ]
  }
}
