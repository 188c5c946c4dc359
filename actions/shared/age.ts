import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as age from 'age-encryption'
import { fail } from './problem.ts'

/**
 * age's encryption stands once, in dist/age, and is read from disk only when something is encrypted or decrypted. The way
 * there is the same from dist/<action>/index.js and from actions/shared/age.ts.
 */
const folder = join(import.meta.dirname, '..', '..', 'dist', 'age')

/** Loads age's format of encrypted files (C2SP, age-encryption.org/v1). @throws {ActionError} where it is missing */
export function loadAge(): typeof age {
  try {
    return createRequire(join(folder, 'index.cjs'))('./age.cjs') as typeof age
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'MODULE_NOT_FOUND') throw error
    return fail({
      code: 'age-missing',
      message: `The encryption is not where this installation has it, in ${folder}.`,
      hint: 'Use the action from a release (`uses: org/release-actions/NAME@v1`), or copy all of `dist` and not the folder of one action alone.'
    })
  }
}
