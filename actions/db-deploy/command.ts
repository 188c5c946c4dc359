/** What a step is to do with the database. */
export const commands = [
  'deploy',
  'plan',
  'status',
  'drift',
  'diff',
  'backup',
  'restore',
  'smoke',
  'preflight',
  'rollback'
] as const

export type Command = (typeof commands)[number]
