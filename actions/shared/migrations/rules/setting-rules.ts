import type { PlacedFault, Rule, Script } from './rule.ts'
import type { SafeStep } from './safe-way.ts'

/** Settings of the session that keep a migration from stopping everybody. */
export const settingRules: readonly Rule[] = [
  {
    id: 'no-lock-timeout',
    family: 'timeout',
    title: 'A strong lock without lock_timeout',
    levels: { default: 'notice', calm: 'off', strict: 'warning' },
    oncePerChange: true,
    whole: (script) => withoutTimeout(script, 'lock_timeout', '5s')
  },
  {
    id: 'no-statement-timeout',
    family: 'timeout',
    title: 'A slow statement without statement_timeout',
    levels: { default: 'off', calm: 'off', strict: 'notice' },
    oncePerChange: true,
    whole: (script) => withoutTimeout(script, 'statement_timeout', '15min')
  }
]

const what = {
  lock_timeout:
    'while it waits for its lock behind one long query, everybody who comes later waits behind it, reads too',
  statement_timeout: 'nothing ends it when it takes longer than anybody thought'
} as const

function withoutTimeout(
  { context, migration, steps }: Script,
  setting: keyof typeof what,
  value: string
): readonly PlacedFault[] {
  if (context.timeoutsSet) return []
  for (const { statement, takes } of steps) {
    const set = statement.operations.some(({ kind, ...rest }) => kind === 'set-parameter' && named(rest) === setting)
    if (set) return []
    const found = takes.find(({ mode, long }) => (setting === 'lock_timeout' ? blocking.has(mode) : long))
    if (found === undefined) continue
    const wrapped = steps[0]?.run.opened === 'by the tool'
    const isEcto = migration.file.framework === 'ecto'
    const how = isEcto ? `: \`execute("SET LOCAL ${setting} = '${value}'", "")\` as the first line` : ' before it'
    return [
      {
        span: statement.span,
        subject: found.table,
        table: found.table,
        message: what[setting],
        hint: `Set ${setting}${how}, or let what runs the migrations set it, and run them again when it strikes.`,
        // A module of Ecto's is there already: it takes a line, and no second one beside it.
        ...(isEcto ? {} : { safeWay: { steps: [settingStep(migration.file.name, setting, value, wrapped)] } })
      }
    ]
  }
  return []
}

const blocking: ReadonlySet<string> = new Set(['ACCESS EXCLUSIVE', 'EXCLUSIVE', 'SHARE ROW EXCLUSIVE', 'SHARE'])

function named(rest: object): string {
  return 'name' in rest && typeof rest.name === 'string' ? rest.name.toLowerCase() : ''
}

function settingStep(name: string, setting: string, value: string, wrapped: boolean): SafeStep {
  return {
    name,
    says: 'As the first statement of the migration.',
    alone: false,
    commands: [{ sql: `SET ${wrapped ? 'LOCAL ' : ''}${setting} = '${value}'` }]
  }
}
