import { findAct } from '../scripts/install-act.ts'
import { findPostgres } from '../scripts/install-postgres.ts'
import { hexClient, type HexClient } from './hex.ts'
import type { Preparation } from './preparation.ts'
import type { Say } from './progress.ts'
import { findPython, type Python } from './python.ts'

/** The programs that a rehearsal needs. */
export interface Engine {
  readonly act: string
  readonly python: Python | undefined
  /** Folder with PostgreSQL's programs. */
  readonly postgres: string | undefined
  readonly hex: HexClient | undefined
}

/** What the machine lacks for this rehearsal, one line each. */
export class MissingPrograms extends Error {
  readonly missing: readonly string[]

  constructor(missing: readonly string[]) {
    super(`missing: ${missing.join('; ')}`)
    this.missing = missing
  }
}

/**
 * Finds them, or brings those that can be brought.
 *
 * @throws MissingPrograms
 */
export async function findEngine(
  tools: string,
  preparations: readonly Preparation[],
  hexFolder: string,
  say: Say
): Promise<Engine> {
  const missing: string[] = []
  if (Number(process.versions.node.split('.')[0]) < 24)
    missing.push('Node 24 (npm ci brings it; start this with npm run rehearse)')
  const [act, python, postgres, hex] = await Promise.all([
    findAct(tools, say),
    preparations.some(({ needsPython }) => needsPython) ? findPython(tools) : undefined,
    preparations.some(({ needsPostgres }) => needsPostgres) ? findPostgres(tools, say) : undefined,
    preparations.some(({ needsBeam }) => needsBeam) ? hexClient(hexFolder, say) : undefined
  ])
  if ('missing' in act) missing.push(act.missing)
  if (python !== undefined && 'missing' in python) missing.push(python.missing)
  if (postgres !== undefined && 'missing' in postgres) missing.push(postgres.missing)
  if (missing.length > 0 || 'missing' in act) throw new MissingPrograms(missing)
  return {
    act: act.program,
    python: python === undefined || 'missing' in python ? undefined : python,
    postgres: postgres === undefined || 'missing' in postgres ? undefined : postgres.folder,
    hex
  }
}
