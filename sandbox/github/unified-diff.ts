import type { Repository } from './state.ts'
import { lineDiffOf, type TreeChange } from './tree-changes.ts'

/** The change as `git diff` prints it: what GitHub gives for the media type `diff`. */
export function unifiedDiff(repository: Repository, changes: readonly TreeChange[]): string {
  return changes.map((change) => fileDiff(repository, change)).join('')
}

function fileDiff(repository: Repository, change: TreeChange): string {
  const before = change.previousPath ?? change.path
  const diff = lineDiffOf(repository, change)
  const head = [`diff --git a/${before} b/${change.path}`, ...modeLines(change), ...indexLine(change)]
  const names = [
    `--- ${change.before === undefined ? '/dev/null' : `a/${before}`}`,
    `+++ ${change.after === undefined ? '/dev/null' : `b/${change.path}`}`
  ]
  const body =
    diff === undefined
      ? [`Binary files ${names.map((name) => name.slice(4)).join(' and ')} differ`]
      : diff.patch === ''
        ? []
        : [...names, diff.patch]
  return `${[...head, ...body].join('\n')}\n`
}

function modeLines({ status, path, previousPath, before, after }: TreeChange): readonly string[] {
  if (before === undefined) return [`new file mode ${mode(after?.mode)}`]
  if (after === undefined) return [`deleted file mode ${mode(before.mode)}`]
  const modes = before.mode === after.mode ? [] : [`old mode ${mode(before.mode)}`, `new mode ${mode(after.mode)}`]
  return status === 'renamed' ? [...modes, `rename from ${previousPath ?? path}`, `rename to ${path}`] : modes
}

function indexLine({ before, after }: TreeChange): readonly string[] {
  if (before?.sha === after?.sha) return []
  const short = (sha: string | undefined): string => (sha ?? '0'.repeat(40)).slice(0, 12)
  const same = before?.mode === after?.mode ? ` ${mode(before?.mode)}` : ''
  return [`index ${short(before?.sha)}..${short(after?.sha)}${same}`]
}

function mode(of: string | undefined): string {
  return (of ?? '').padStart(6, '0')
}
