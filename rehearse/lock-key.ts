import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** By what an installation is known: whatever decides about it. @param project folder with package.json and its lock */
export function lockKey(project: string): string {
  const hash = createHash('sha256')
  for (const name of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(project, name))).update('\0')
  return hash.digest('hex').slice(0, 16)
}
