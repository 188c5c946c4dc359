import type { Inputs } from '../inputs.ts'

/** A way back drops tables and columns with what is in them: it is backed up as a deploy is. */
export function wantsBackup({ backup, production }: Pick<Inputs, 'backup' | 'production'>): boolean {
  return backup.always || (backup.when === 'auto' ? production.production : backup.when === 'true')
}
