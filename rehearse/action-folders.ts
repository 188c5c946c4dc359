import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { calledWorkflows, dockerStep } from './instrument.ts'
import type { ActionRepository } from './preparation.ts'
import { postgresAction } from './postgres.ts'
import { assembleStandIn } from './stand-ins.ts'

/**
 * `OWNER/REPO@REF` → folder, for everything that act could look for: what has no folder it would fetch.
 *
 * @param archive the unpacked archive of this project
 * @param work where folders are made
 * @param called copies of called workflows, by file name
 */
export function actionFolders(
  repositories: readonly ActionRepository[],
  archive: string,
  work: string,
  called: ReadonlyMap<string, string>
): ReadonlyMap<string, string> {
  const mapping = new Map<string, string>()
  repositories.forEach(({ repository, ref, paths, kind, folder }, index) => {
    const target = join(work, 'actions', String(index))
    if (kind === 'own') {
      mapping.set(`${repository}@${ref}`, archive)
      return
    }
    if (kind === 'supplied' && folder !== undefined) copyAction(folder, target)
    else assembleStandIn(repository, paths, target)
    mapping.set(`${repository}@${ref}`, target)
  })
  const docker = join(work, 'actions', 'docker')
  assembleStandIn(dockerStep.repository, [''], docker)
  mapping.set(`${dockerStep.repository}@${dockerStep.ref}`, docker)
  const postgres = join(work, 'actions', 'postgres')
  assembleStandIn(postgresAction.repository, [''], postgres)
  mapping.set(`${postgresAction.repository}@${postgresAction.ref}`, postgres)

  const workflows = join(work, 'called')
  mkdirSync(join(workflows, '.github', 'workflows'), { recursive: true })
  for (const [name, text] of called) writeFileSync(join(workflows, '.github', 'workflows', name), text)
  mapping.set(`${calledWorkflows.repository}@${calledWorkflows.ref}`, workflows)
  return mapping
}

/** act copies an action's whole folder at each use, so what no runner downloads is left behind. */
function copyAction(folder: string, target: string): void {
  cpSync(folder, target, {
    recursive: true,
    filter: (path) =>
      !(basename(path) === '.git' || (path === join(folder, 'node_modules') && existsSync(join(folder, 'dist'))))
  })
}
