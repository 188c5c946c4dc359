import type { Change } from '../../../actions/migration-guard/change.ts'
import type { Configuration } from '../../../actions/migration-guard/configuration.ts'
import type { ListedFiles } from '../../../actions/migration-guard/listing.ts'
import { checkPolicy, type PolicyResult } from '../../../actions/migration-guard/policy/check-policy.ts'
import { readEdits, readLineEndings, type Compare } from '../../../actions/migration-guard/policy/contents-facts.ts'
import type { PolicyFacts } from '../../../actions/migration-guard/policy/facts.ts'
import { readFolderFacts } from '../../../actions/migration-guard/policy/folder-facts.ts'
import { treeOf as gitTreeOf } from '../../../actions/migration-guard/git-tree.ts'
import type { Tree } from '../../../actions/migration-guard/tree.ts'
import { differences } from '../../../actions/migration-guard/tree-difference.ts'
import { blobOf, treeOf, type Files, type MemoryTree } from '../../support/trees.ts'
import { configured } from '../judged.ts'

/** 21 November 2026, 12:00 UTC. */
export const now = Date.UTC(2026, 10, 21, 12)

/** What a change is made of: whole states of a repository. */
export interface States {
  readonly base: Files
  /** The base, unless the branch has gone on. */
  readonly target?: Files
  readonly head: Files
  /** Of paths of the head that are no plain files: `120000` for a link, `160000` for a submodule. */
  readonly modes?: Readonly<Record<string, string>>
  readonly kind?: Change['kind']
  readonly pulls?: readonly number[]
}

export type Given = Partial<Omit<PolicyFacts, 'configuration' | 'change'>> & {
  readonly configuration?: Partial<Configuration>
  readonly compare?: Compare
}

/** Everything is different, as the parsers would say of other statements. */
const different: Compare = () => 'different'

/** The facts of a change, read from the trees as a run reads them. */
export async function factsOf(states: States, given: Given = {}): Promise<PolicyFacts> {
  const { configuration, compare = different, ...others } = given
  const base = treeOf(states.base)
  const head = withModes(treeOf(states.head), states.modes ?? {})
  const change: Change = {
    kind: states.kind ?? 'pull_request',
    source: 'git',
    base,
    target: states.target === undefined ? base : treeOf(states.target),
    head,
    files: differences(base, head),
    pulls: states.pulls ?? [7]
  }
  const known: PolicyFacts = {
    configuration: configured(configuration),
    change,
    folders: await readFolderFacts(change, configuration?.migrations ?? []),
    edits: new Map(),
    ecto: new Map(),
    modules: new Map(),
    lineEndings: new Map(),
    source: undefined,
    package: undefined,
    approval: { state: 'missing', why: 'Nobody has approved.', next: 'Ask ann.' },
    otherPulls: undefined,
    hexProofs: [],
    mixGuard: [],
    now,
    ...others
  }
  return { ...known, edits: await readEdits(known, compare), lineEndings: await readLineEndings(known), ...others }
}

function withModes(tree: MemoryTree, modes: Readonly<Record<string, string>>): Tree {
  const listed = [...tree.files].map(([path, file]) => [path, { ...file, mode: modes[path] ?? file.mode }] as const)
  return gitTreeOf(tree.commit, new Map(listed), (blob) => {
    const path = listed.find(([, file]) => file.blob === blob)?.[0]
    return path === undefined ? Promise.reject(new TypeError(`no ${blob}`)) : tree.read(path)
  })
}

export async function judge(states: States, given: Given = {}): Promise<PolicyResult> {
  return checkPolicy(await factsOf(states, given))
}

/** `level rule file`, of all findings. */
export async function told(states: States, given: Given = {}): Promise<readonly string[]> {
  const { findings } = await judge(states, given)
  return findings.map(({ level, rule, file = '-' }) => `${level} ${rule} ${file}`)
}

/** Of one rule, each with its sentence and what to do. */
export async function sentences(rule: string, states: States, given: Given = {}): Promise<readonly string[]> {
  const { findings } = await judge(states, given)
  return findings.filter((finding) => finding.rule === rule).map(({ message, hint }) => `${message} → ${hint}`)
}

/** Ecto's folder with these migrations, each with a module of its own. */
export function ecto(...names: readonly string[]): Files {
  return Object.fromEntries(names.map((name) => [`priv/repo/migrations/${name}.exs`, migration(name)]))
}

export function migration(name: string): string {
  const module = name
    .replace(/^\d+_/, '')
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('')
  return `defmodule Core.Repo.Migrations.${module} do\n  use Ecto.Migration\n\n  def change, do: create table(:${name.replace(/^\d+_/, '')})\nend\n`
}

/** Prisma's folder with these migrations and its lock. */
export function prisma(...names: readonly string[]): Files {
  return {
    'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
    'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
    ...Object.fromEntries(
      names.map((name) => [`prisma/migrations/${name}/migration.sql`, `CREATE TABLE "${name}" (id int);\n`])
    )
  }
}

/** A listing of a source or a package with these files. */
export function listing(label: string, files: Files): ListedFiles {
  return { label, files: new Map(Object.entries(files).map(([path, text]) => [path, blobOf(text)])) }
}

/** Runs `git mv` commands on a state, as a shell would. */
export function moved(files: Files, commands: readonly string[]): Files {
  return commands.reduce<Files>((state, command) => {
    const [, from, to] = /^git mv (\S+) (\S+)$/.exec(command) ?? []
    if (from === undefined || to === undefined) throw new Error(`no git mv of plain words: ${command}`)
    const taken = Object.keys(state).filter((path) => path === to || path.startsWith(`${to}/`))
    if (taken.length > 0) throw new Error(`git mv: ${to} exists`)
    const entries = Object.entries(state).map(([path, text]) => [
      path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path,
      text
    ])
    return Object.fromEntries(entries) as Files
  }, files)
}
