import type { Tree } from './tree.ts'

/** The files by which a repository runs the guard. */
export interface OwnFiles {
  /** Workflows, and local actions and reusable workflows that they use. */
  readonly workflows: readonly string[]
  /** Paths that one of them gives as input `config`. */
  readonly configurations: readonly string[]
}

/**
 * Finds the workflows that run the guard: by an action of this name, by its bundle, or by something below `.github` that
 * does. A workflow that only speaks of it in a comment is none.
 */
export async function findOwnFiles(tree: Tree): Promise<OwnFiles> {
  const candidates = [...tree.files.values()].filter(({ path, mode }) => isWorkflow.test(path) && mode !== '120000')
  const texts = new Map(
    await Promise.all(
      candidates.map(async ({ path }) => [path, withoutComments((await tree.read(path)).toString('utf8'))] as const)
    )
  )
  const own = new Set([...texts].filter(([, text]) => runsGuard.test(text)).map(([path]) => path))
  // What uses one of them runs the guard as well, and so on.
  for (let before = -1; before < own.size;) {
    before = own.size
    for (const [path, text] of texts) if ([...own].some((used) => usesOf(used).test(text))) own.add(path)
  }
  const workflows = [...own].sort()
  return { workflows, configurations: workflows.flatMap((path) => configurationsIn(texts.get(path) ?? '')) }
}

const isWorkflow = /^\.github\/(?:.*\/)?[^/]+\.ya?ml$/

/** `uses: org/release-actions/migration-guard@v1`, `uses: ./migration-guard`, `run: node dist/migration-guard/index.js`. */
const runsGuard = /\buses:\s*['"]?(?:[^\s'"]*\/)?migration-guard(?:@|['"]?\s*$)|\bmigration-guard\/index\.js\b/m

/** `uses: ./.github/actions/guard` for `.github/actions/guard/action.yml`; of a workflow the file itself. */
function usesOf(path: string): RegExp {
  const used = path.replace(/\/action\.ya?ml$/, '')
  return new RegExp(`uses:\\s*['"]?\\./${used.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}['"]?\\s*$`, 'm')
}

function withoutComments(text: string): string {
  return text.replaceAll(/(?:^|(?<=\s))#.*$/gm, '')
}

function configurationsIn(text: string): readonly string[] {
  return [...text.matchAll(/^\s*(?:-\s+)?config:\s*['"]?([^\s'"]+)['"]?\s*$/gm)].map(([, path = '']) =>
    path.replace(/^\.\//, '')
  )
}
