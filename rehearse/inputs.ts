import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import type { ActionRepository } from './preparation.ts'
import { actionMetadata, type UsesAt } from './uses.ts'
import { mapping, plain } from './workflow.ts'

/**
 * Inputs that a step gives to an action which declares none of that name: this project's own, supplied and local ones,
 * whose metadata is at hand. The runner only warns, in the same words, and the step goes on without the input
 * (actions/runner, ActionRunner.cs).
 *
 * @param project root of this project
 * @param source folder of the consumer's repository
 */
export function unexpectedInputs(
  uses: readonly UsesAt[],
  actions: readonly ActionRepository[],
  project: string,
  source: string
): readonly string[] {
  return uses.flatMap(({ uses: reference, file, with: given }) => {
    const folder =
      reference.kind === 'local'
        ? join(source, reference.path)
        : reference.kind === 'repository'
          ? folderOf(actions, project, reference.repository, reference.ref, reference.path)
          : undefined
    const metadata = folder === undefined ? undefined : actionMetadata(folder)
    if (metadata === undefined) return []
    const declared = Object.keys(
      mapping(mapping(plain(parseDocument(readFileSync(metadata, 'utf8')).toJS()))['inputs'])
    )
    const known = new Set(declared.map((name) => name.toLowerCase()))
    const unexpected = Object.keys(given).filter((name) => !known.has(name.toLowerCase()))
    if (unexpected.length === 0) return []
    const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')
    return [
      `${file}: ${reference.text}: Unexpected input(s) ${quoted(unexpected)}, valid inputs are [${quoted(declared)}]; ` +
        'GitHub only warns, and runs the step without them'
    ]
  })
}

function folderOf(
  actions: readonly ActionRepository[],
  project: string,
  repository: string,
  ref: string,
  path: string
): string | undefined {
  const found = actions.find((action) => action.repository === repository && action.ref === ref)
  if (found?.kind === 'own') return join(project, path)
  return found?.folder === undefined ? undefined : join(found.folder, path)
}
