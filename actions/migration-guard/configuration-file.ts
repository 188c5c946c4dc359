import type { Problem } from '../shared/problem.ts'
import { chooseConfiguration } from './choose-configuration.ts'
import type { Configuration, FrozenPaths } from './configuration.ts'
import { configurationShape } from './configuration-shape.ts'
import { faultProblem, readYaml, type Fault, type Located } from './located.ts'
import { findOwnFiles } from './own-files.ts'
import { readShape, unknownHint, type Shape } from './shape.ts'
import type { Tree } from './tree.ts'

export type ConfigurationReading =
  | { readonly configuration: Configuration; readonly notes: readonly string[] }
  | { readonly problems: readonly Problem[] }

/**
 * Reads the configuration from the state that a change goes to, never from the change itself. Without one, the
 * defaults, and nothing is frozen.
 *
 * @param asked the path that input `config` names; choose-configuration.ts says when it counts
 * @param knownRules names that `rules` and `exempt` may use; undefined: any
 * @param running path of the workflow that runs the guard; undefined outside of one, or where it is another repository's
 */
export async function readConfiguration(
  tree: Tree,
  asked: string,
  knownRules?: ReadonlySet<string>,
  running?: string
): Promise<ConfigurationReading> {
  const own = await findOwnFiles(tree, running)
  const { file, notes } = chooseConfiguration(tree, asked, own, running)
  if (file === undefined) return { configuration: { ...configurationOf({}), file: undefined }, notes: [] }

  const text = await textOf(tree, file)
  if ('problems' in text) return text
  const yaml = readYaml(text.text)
  if ('faults' in yaml) return { problems: yaml.faults.map((fault) => problem(file, fault)) }
  const read = readShape(configurationShape, yaml.value)
  const faults =
    'faults' in read ? read.faults : [...disagreements(yaml.value, read.value), ...unknownRules(yaml.value, knownRules)]
  if ('faults' in read || faults.length > 0) return { problems: faults.map((fault) => problem(file, fault)) }

  const configuration = configurationOf(read.value)
  const manifest = configuration.source?.manifest
  const guarded = [file, ...own.workflows, ...(manifest === undefined ? [] : [manifest])]
  return {
    configuration: { ...configuration, file, frozen: [...configuration.frozen, ownPaths(guarded)] },
    notes
  }
}

/** The guard's own files: what decides whether and how it runs. */
function ownPaths(paths: readonly string[]): FrozenPaths {
  const reviewed = ['reviewed'] as const
  return {
    // They are names, and no globs.
    paths: [...new Set(paths)].map((path) => path.replaceAll(/[*?!+@()[\]{}|\\]/g, '\\$&')),
    add: reviewed,
    edit: reviewed,
    delete: reviewed,
    rename: reviewed,
    builtIn: true
  }
}

type Written = typeof configurationShape extends Shape<infer T> ? T : never

/** What was written, with the defaults for what was not. */
function configurationOf(written: Written): Omit<Configuration, 'file'> {
  const { source, reviewers, bypass, lint } = written
  const shared = written.package
  return {
    migrations: written.migrations ?? [],
    frozen: (written.frozen ?? []).map((entry) => ({ ...forbidden, ...entry, builtIn: false })),
    source: source && { ref: 'main', into: source.path, set: 'complete', ...source },
    package: shared && { path: 'priv/repo/migrations', from: 'priv/repo/migrations', ...shared },
    reviewers: { users: [], teams: [], approvals: 1, ...reviewers },
    bypass: {
      allowed: bypass !== undefined && bypass !== false,
      users: [],
      teams: [],
      days: 31,
      ...(typeof bypass === 'object' ? bypass : {})
    },
    mixGuard: written['mix-guard'] ?? 'off',
    mixProjects: written['mix-projects']?.map((folder) => folder.replace(/\/$/, '')) ?? ['.'],
    hexDependencies: written['hex-dependencies'] ?? [],
    rules: written.rules ?? {},
    exempt: (written.exempt ?? []).map(({ paths, rules }) => ({ paths, rules: rules ?? [] })),
    lint: {
      enabled: lint !== false,
      profile: 'default',
      postgres: 15,
      suppressions: true,
      ...(typeof lint === 'object' ? lint : {})
    },
    failOn: written['fail-on'] ?? 'error',
    comment: written.comment ?? true,
    afterReview: written['after-review'] ?? 'rerun'
  }
}

/** Frozen means that nothing changes, unless it is said otherwise. */
const forbidden = {
  add: ['forbidden'],
  edit: ['forbidden'],
  delete: ['forbidden'],
  rename: ['forbidden']
} as const

/** Keys that are right each by itself, and together ask for what cannot be. */
function disagreements(root: Located, written: Written): readonly Fault[] {
  const conditions = (written.frozen ?? []).flatMap((entry) =>
    'add' in entry || 'edit' in entry || 'delete' in entry || 'rename' in entry
      ? [...(entry.add ?? []), ...(entry.edit ?? []), ...(entry.delete ?? []), ...(entry.rename ?? [])]
      : []
  )
  const { users = [], teams = [], approvals = 1 } = written.reviewers ?? {}
  const folders = (written.migrations ?? []).map(({ path }) => path)
  const faults: (Fault | false)[] = [
    conditions.includes('ported') &&
      written.source === undefined && {
        at: placeOf(root, 'frozen'),
        message:
          'A frozen path may change where it is `ported`, and there is no `source` that it could be ported from.',
        hint: 'Add `source:` with the repository, the ref and the folder of the source of truth.'
      },
    conditions.includes('packaged') &&
      written.package === undefined && {
        at: placeOf(root, 'frozen'),
        message: 'A frozen path may be deleted where it is `packaged`, and no `package` is named.',
        hint: 'Add `package:` with the name of the dependency that holds the migrations.'
      },
    teams.length === 0 &&
      users.length > 0 &&
      approvals > users.length && {
        at: placeOf(root, 'reviewers', 'approvals'),
        message: `${approvals} approvals are needed, and only ${users.length} people can give one.`,
        hint: 'Name more users or a team, or ask for fewer approvals.'
      },
    new Set(folders).size < folders.length && {
      at: placeOf(root, 'migrations'),
      message: 'A folder stands under `migrations` twice.',
      hint: 'Name each folder once, with one framework.'
    }
  ]
  return faults.filter((fault) => fault !== false)
}

/** A name that no rule has would switch nothing off, and nobody would notice. */
function unknownRules(root: Located, known: ReadonlySet<string> | undefined): readonly Fault[] {
  if (known === undefined) return []
  const named: { readonly key: string; readonly at: Located | { readonly line: number; readonly column: number } }[] =
    []
  const rules = valueOf(root, 'rules')
  if (rules?.kind === 'map') named.push(...rules.entries)
  const exempt = valueOf(root, 'exempt')
  for (const entry of exempt?.kind === 'list' ? exempt.items : exempt === undefined ? [] : [exempt]) {
    const listed = valueOf(entry, 'rules')
    for (const each of listed?.kind === 'list' ? listed.items : listed === undefined ? [] : [listed])
      if (each.kind === 'text') named.push({ key: each.value, at: each })
  }
  return named
    .filter(({ key }) => !known.has(key))
    .map(({ key, at }) => ({
      at,
      message: `There is no rule ${JSON.stringify(key)}.`,
      hint: nearOrPage(key, known)
    }))
}

function nearOrPage(key: string, known: ReadonlySet<string>): string {
  const hint = unknownHint(key, [...known])
  return hint.startsWith('Did')
    ? hint
    : 'The names of all rules are in docs/migration-policy.md and docs/migration-rules.md.'
}

function valueOf(value: Located, key: string): Located | undefined {
  return value.kind === 'map' ? value.entries.find((entry) => entry.key === key)?.value : undefined
}

/** Where a key stands, or the nearest one above it. */
function placeOf(root: Located, ...keys: readonly string[]): { readonly line: number; readonly column: number } {
  let at: { readonly line: number; readonly column: number } = root
  let value: Located | undefined = root
  for (const key of keys) {
    const entry: { readonly at: typeof at; readonly value: Located } | undefined =
      value?.kind === 'map' ? value.entries.find((each) => each.key === key) : undefined
    at = entry?.at ?? at
    value = entry?.value
  }
  return at
}

/** More than any configuration has. Bytes. */
const largest = 512 * 1024

async function textOf(
  tree: Tree,
  file: string
): Promise<{ readonly text: string } | { readonly problems: readonly Problem[] }> {
  const start = { line: 1, column: 1 }
  const unreadable = (message: string, hint: string): { readonly problems: readonly Problem[] } => ({
    problems: [problem(file, { at: start, message, hint })]
  })
  if (tree.files.get(file)?.mode === '120000')
    return unreadable(
      'The configuration is a symbolic link.',
      'Commit the file itself: what a link leads to could be changed without it.'
    )
  const bytes = await tree.read(file)
  if (bytes.length > largest)
    return unreadable(`The configuration has ${bytes.length} bytes.`, `Write it in at most ${largest}.`)
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return unreadable('The configuration is not UTF-8.', 'Save it as UTF-8.')
  }
}

function problem(file: string, fault: Fault): Problem {
  return faultProblem('guard-configuration', file, fault)
}
