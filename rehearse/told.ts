import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What stand-ins told besides their output. */
export interface Told {
  /** What is not as on GitHub although it was done. */
  readonly remarks: readonly string[]
  /** What was not done. */
  readonly notRehearsed: readonly string[]
}

/**
 * File inside the rehearsal's folder into which stand-ins write, a JSON object a line. An annotation would be heard as
 * well, but a workflow's own steps may write annotations of any title.
 */
export const toldFile = 'told.jsonl'

/** Reads what was told, each thing once. */
export function readTold(folder: string): Told {
  const file = join(folder, toldFile)
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').map(parse) : []
  const of = (kind: string): string[] => [
    ...new Set(lines.flatMap((line) => (line?.kind === kind && line.text !== '' ? [line.text] : [])))
  ]
  return { remarks: of('remark'), notRehearsed: of('not rehearsed') }
}

function parse(line: string): { readonly kind: string; readonly text: string } | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || !('kind' in value) || !('text' in value)) return undefined
    return typeof value.kind === 'string' && typeof value.text === 'string'
      ? { kind: value.kind, text: value.text }
      : undefined
  } catch {
    return undefined
  }
}
