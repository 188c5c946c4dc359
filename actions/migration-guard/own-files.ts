import { posix } from 'node:path'
import { readYaml, type Located } from './located.ts'
import { symlinkMode, type Tree } from './tree.ts'

/** The files by which a repository runs the guard. */
export interface OwnFiles {
  /** Workflows, and local actions and reusable workflows that they use. */
  readonly workflows: readonly string[]
  /** What one of them, or something that it uses, gives as input `config`, by its path: texts as they are written. */
  readonly configurations: ReadonlyMap<string, readonly string[]>
}

/**
 * Finds the workflows that run the guard: by an action or a reusable workflow of this name, by its bundle, or by a local
 * action or workflow that does, wherever it lies. A workflow that only speaks of it in a comment or a name is none.
 *
 * @param running path of the workflow that runs the guard right now: it does so, whatever it calls it by
 */
export async function findOwnFiles(tree: Tree, running?: string): Promise<OwnFiles> {
  const files = new Map<string, WorkflowFile>()
  const waiting = [...tree.files.keys()].filter((path) => isWorkflow.test(path))
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path) || tree.files.get(path)?.mode === symlinkMode) continue
    const file = readWorkflow((await tree.read(path)).toString('utf8'), tree)
    files.set(path, file)
    waiting.push(...file.uses)
  }
  const own = new Set([...files].filter(([path, { runsGuard }]) => runsGuard || path === running).map(([path]) => path))
  // What uses one of them runs the guard as well, and so on.
  for (let before = -1; before < own.size;) {
    before = own.size
    for (const [path, { uses }] of files) if (uses.some((used) => own.has(used))) own.add(path)
  }
  const workflows = [...own].sort()
  return { workflows, configurations: new Map(workflows.map((path) => [path, configurationsOf(path, files)])) }
}

interface WorkflowFile {
  readonly runsGuard: boolean
  /** Files of the repository that it uses. */
  readonly uses: readonly string[]
  readonly configurations: readonly string[]
}

const isWorkflow = /^\.github\/(?:.*\/)?[^/]+\.ya?ml$/

/** `org/release-actions/migration-guard@v1`, `acme/workflows/.github/workflows/migration-guard.yml@v1`, `./migration-guard`. */
const namesGuard = /(?:^|\/)migration-guard(?:\.ya?ml)?\/?(?:@.*)?$/

/** `run: node dist/migration-guard/index.js`. */
const startsBundle = /\bmigration-guard\/index\.js\b/

function readWorkflow(text: string, tree: Tree): WorkflowFile {
  const yaml = readYaml(text)
  // What GitHub makes of it is not known, so that it rather counts.
  if ('faults' in yaml) return { runsGuard: /\bmigration-guard\b/.test(text), uses: [], configurations: [] }
  const texts = textsIn(yaml.value)
  const used = texts.filter(({ key }) => key === 'uses').map(({ value }) => value.trim())
  const configurations = texts.filter(({ key }) => key === 'config').map(({ value }) => value.trim())
  // `config: ${{ matrix.config }}` can be any of the texts.
  const any = configurations.some((value) => /^\$\{\{[^}]*\}\}$/.test(value)) ? texts.map(({ value }) => value) : []
  return {
    runsGuard:
      used.some((value) => namesGuard.test(value)) ||
      texts.some(({ key, value }) => key === 'run' && startsBundle.test(value)),
    uses: used.flatMap((value) => localFile(value, tree) ?? []),
    configurations: [...configurations, ...any].map((path) => path.replace(/^\.\//, ''))
  }
}

/** Every text of a file with the key that it stands under; in a list, the key of the list. */
function textsIn(value: Located, key = ''): readonly { readonly key: string; readonly value: string }[] {
  if (value.kind === 'text') return [{ key, value: value.value }]
  if (value.kind === 'map') return value.entries.flatMap((entry) => textsIn(entry.value, entry.key))
  return value.kind === 'list' ? value.items.flatMap((item) => textsIn(item, key)) : []
}

/** `./ci/guard` is the action in that folder, `./.github/workflows/guard.yml` the workflow. */
function localFile(used: string, tree: Tree): string | undefined {
  if (!used.startsWith('./')) return undefined
  const path = posix.normalize(used).replace(/\/$/, '')
  return [path, `${path}/action.yml`, `${path}/action.yaml`].find((file) => tree.files.has(file))
}

function configurationsOf(path: string, files: ReadonlyMap<string, WorkflowFile>): readonly string[] {
  const seen = new Set<string>()
  const waiting = [path]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    waiting.push(...(files.get(next)?.uses ?? []))
  }
  return [...new Set([...seen].flatMap((file) => files.get(file)?.configurations ?? []))]
}
