import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How the command that plays Prisma is to behave. */
export interface Play {
  /** As 6.x and up to 7.3: a file is one transaction. */
  readonly whole?: boolean
  /** `migrate` ends with 0 and says nothing. */
  readonly deadEngine?: boolean
  readonly invalid?: boolean
  /** What `migrate status` prints, with exit code 0 or the one that is given. */
  readonly status?: { readonly text: string; readonly exitCode: number }
  /** The configuration names a seed, and computes nothing when it is run. */
  readonly seedComputed?: boolean
  /** `migrate deploy` fails, of a database that is not PostgreSQL. */
  readonly broken?: boolean
  /** The seed's command line, as the configuration would name it. */
  readonly seed?: string
}

/** @param folder working directory of the command */
export function readPlay(folder: string): Play {
  const file = join(folder, 'play.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Play) : {}
}
