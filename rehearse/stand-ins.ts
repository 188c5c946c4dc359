import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const source = join(import.meta.dirname, 'stand-ins')

/** Third-party actions that a release uses, and the folder of the one that stands for each. */
const known: Readonly<Record<string, string>> = {
  'actions/checkout': 'checkout',
  'actions/upload-artifact': 'upload-artifact',
  'actions/download-artifact': 'download-artifact',
  'actions/setup-python': 'setup-python',
  'actions/setup-node': 'setup-node',
  'actions/cache': 'cache',
  'erlef/setup-beam': 'setup-beam',
  'rehearsal/postgres': 'postgres'
}

/**
 * Whether there is a stand-in for this action.
 *
 * @param repository `actions/cache`
 * @param path folder inside it, `restore`
 */
export function hasStandIn(repository: string, path: string): boolean {
  const name = known[repository.toLowerCase()]
  return name !== undefined && existsSync(join(source, name, path, 'action.yml'))
}

/**
 * Puts together the folder that act takes for the repository of an action: all stand-ins with what they share, and
 * the right action.yml at the root and in each folder that the workflow names.
 *
 * @param paths folders inside the repository that are used, `''` for its root
 */
export function assembleStandIn(repository: string, paths: readonly string[], target: string): void {
  cpSync(source, target, { recursive: true })
  const name = known[repository.toLowerCase()]
  for (const path of paths) {
    const metadata = join(target, path, 'action.yml')
    mkdirSync(dirname(metadata), { recursive: true })
    if (name !== undefined && hasStandIn(repository, path)) {
      copyFileSync(join(source, name, path, 'action.yml'), metadata)
    } else {
      const up = path === '' ? '' : '../'.repeat(path.split('/').length)
      const text = readFileSync(join(source, 'not-rehearsed', 'action.yml'), 'utf8')
      writeFileSync(metadata, text.replace('main: ', `main: ${up}`))
    }
  }
}

/** Names of the stand-ins, for the documentation and its test. */
export function standIns(): readonly string[] {
  return readdirSync(source).filter((name) => existsSync(join(source, name, 'action.yml')))
}
