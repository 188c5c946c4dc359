import { existsSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { actionRuntime, compositeSteps, type Mapping, type Step } from './workflow.ts'

/** A step's `uses:`, taken apart. */
export type Uses =
  | {
      readonly kind: 'repository'
      readonly text: string
      readonly repository: string
      readonly path: string
      readonly ref: string
    }
  | { readonly kind: 'local'; readonly text: string; readonly path: string }
  | { readonly kind: 'docker'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string }

/** `owner/name/path@ref`, `./path`, `docker://image`. */
export function parseUses(text: string): Uses {
  if (text.startsWith('docker://')) return { kind: 'docker', text }
  const local = /^(?:\.|\$)[\\/](.*)$/.exec(text)
  if (local?.[1] !== undefined) return { kind: 'local', text, path: normalize(local[1]) }
  const match = /^([^/@\s]+\/[^/@\s]+)(?:\/([^@]*))?@(\S+)$/.exec(text)
  if (match?.[1] === undefined || match[3] === undefined) return { kind: 'unknown', text }
  return { kind: 'repository', text, repository: match[1], path: match[2] ?? '', ref: match[3] }
}

/** One `uses:` of a step, with the file that it stands in. */
export interface UsesAt {
  readonly uses: Uses
  readonly file: string
  /** What the step gives it. */
  readonly with: Mapping
}

/**
 * Every `uses:` that these steps can reach: their own, and those of composite actions, local ones and ones that were
 * supplied. An action that is not at hand ends the search.
 *
 * @param folderOf gives the folder that stands for a remote action, when there is one
 */
export function reachableUses(
  steps: readonly Step[],
  file: string,
  repositoryFolder: string,
  folderOf: (repository: string, ref: string) => string | undefined,
  seen = new Set<string>()
): UsesAt[] {
  return steps.flatMap((step) => {
    if (step.uses === undefined) return []
    const uses = parseUses(step.uses)
    const found = [{ uses, file, with: step.with }]
    const folder = folderFor(uses, repositoryFolder, folderOf)
    const metadata = folder === undefined ? undefined : actionMetadata(folder)
    if (metadata === undefined || seen.has(metadata)) return found
    seen.add(metadata)
    return [
      ...found,
      ...reachableUses(compositeSteps(readFileSync(metadata, 'utf8')), step.uses, repositoryFolder, folderOf, seen)
    ]
  })
}

/**
 * Why act cannot run what a step uses, however deep inside composite actions the cause is; `undefined` when it can.
 *
 * @param folderOf as for `reachableUses`
 */
export function cannotRun(
  uses: Uses,
  repositoryFolder: string,
  folderOf: (repository: string, ref: string) => string | undefined,
  seen: ReadonlySet<string> = new Set()
): string | undefined {
  if (uses.kind === 'docker') return `${uses.text} needs Docker, which is not here`
  // act 0.2.89 takes it for the name of a repository; a workflow's own steps are given to it as `./`.
  if (uses.text.startsWith('$') && seen.size > 0) return `${uses.text} inside a composite action is not known to act`
  const folder = folderFor(uses, repositoryFolder, folderOf)
  const metadata = folder === undefined ? undefined : actionMetadata(folder)
  if (metadata === undefined || seen.has(metadata)) return undefined
  const text = readFileSync(metadata, 'utf8')
  if (actionRuntime(text) === 'docker') return `${uses.text} runs in Docker, which is not here`
  const deeper = new Set([...seen, metadata])
  for (const step of compositeSteps(text)) {
    const cause =
      step.uses === undefined ? undefined : cannotRun(parseUses(step.uses), repositoryFolder, folderOf, deeper)
    if (cause !== undefined) return cause
  }
  return undefined
}

/** The action.yml or action.yaml of a folder, in the runner's order. */
export function actionMetadata(folder: string): string | undefined {
  return ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find((file) => existsSync(file))
}

function folderFor(
  uses: Uses,
  repositoryFolder: string,
  folderOf: (repository: string, ref: string) => string | undefined
): string | undefined {
  if (uses.kind === 'local') return join(repositoryFolder, uses.path)
  if (uses.kind !== 'repository') return undefined
  const folder = folderOf(uses.repository, uses.ref)
  return folder === undefined ? undefined : join(folder, uses.path)
}
