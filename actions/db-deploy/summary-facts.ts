import { readableSize } from '../shared/files.ts'
import { code, line, link, table, type Inline, type Markdown } from '../shared/summary.ts'
import { latestState } from './latest-state.ts'
import type { PendingMigration, RunRecord } from './record.ts'
import { verifiedInWords } from './summary-verdict.ts'

/** Who, what, where and when, one a row; what is not known is left out. */
export function factsOf(record: RunRecord): Markdown {
  const rows: readonly (readonly [string, Inline | undefined])[] = [
    ['Environment', environment(record)],
    ['Database', database(record)],
    ['Server', server(record)],
    ['Tool', toolOf(record)],
    ['Migrations', migrations(record)],
    ['Lock', lock(record)],
    ['Backup', backup(record)],
    ['Way back', wayBack(record)],
    ['Actor', record.context.actor],
    ['Commit', commit(record)],
    ['Ref', record.context.ref === undefined ? undefined : code(record.context.ref)],
    ['Event', record.context.eventName],
    ['Time', `${moment(record.startedAt)} to ${moment(record.finishedAt)}`],
    [
      'Run',
      record.context.runUrl === undefined ? undefined : link(record.context.runId ?? 'run', record.context.runUrl)
    ],
    ['Fingerprint', record.learned.fingerprint === undefined ? undefined : code(record.learned.fingerprint)]
  ]
  return table(
    ['', ''],
    rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]))
  )
}

function environment({ environment, production }: RunRecord): Inline {
  return `${environment}${production && environment !== 'production' ? ' (counts as production)' : ''}`
}

function database({ learned: { database } }: RunRecord): Inline | undefined {
  if (database === undefined) return undefined
  const size = database.size === undefined ? '' : `, ${readableSize(database.size)}`
  return line(code(database.name), ' on ', code(database.host), ' as ', code(database.role), size)
}

function server({ learned: { database } }: RunRecord): Inline | undefined {
  if (database === undefined) return undefined
  return `${database.server}, ${database.tls === undefined ? 'without TLS' : database.tls}`
}

function toolOf({ learned: { tool, pending = [] } }: RunRecord): Inline | undefined {
  if (tool === undefined) return undefined
  const atomicity = {
    true: 'a migration that fails leaves nothing behind',
    false: 'a migration that fails can leave a part of itself behind',
    'per migration': 'what a failed migration leaves depends on that migration'
  }
  const atomic = tool.atomic === true && pending.some(commitsItself) ? 'per migration' : tool.atomic
  return line(code(tool.label), atomic === undefined ? '' : `; ${atomicity[`${atomic}`]}`)
}

/** What no transaction around it holds together, whatever the tool does: rather too many of them than one too few. */
function commitsItself({ path, text }: PendingMigration): boolean {
  const alone = path.endsWith('.exs')
    ? /\bconcurrently:\s*true\b|@disable_ddl_transaction\s+true\b/
    : /\bCONCURRENTLY\b|^\s*(?:COMMIT|CALL|DO)\b/im
  return alone.test(text)
}

function migrations(record: RunRecord): Inline | undefined {
  const state = latestState(record)
  if (state === undefined) return record.learned.before === undefined ? undefined : 'not read after they were run'
  const counts = (['applied', 'pending', 'failed', 'missing'] as const).flatMap((status) => {
    const count = state.migrations.filter((migration) => migration.status === status).length
    return count === 0 ? [] : [`${count} ${status}`]
  })
  const current = state.current === undefined ? [] : ['; the newest applied one is ', code(state.current)]
  return line(counts.length === 0 ? 'none' : counts.join(', '), ...current)
}

function lock({ learned: { lock } }: RunRecord): Inline | undefined {
  if (lock === undefined || lock.heldBy.length === 0) return undefined
  return `waited ${(lock.waited / 1_000).toFixed(1)} s for ${lock.heldBy.join(', ')}`
}

function backup({ command, status, production, learned: { backup, ran = [] } }: RunRecord): Inline | undefined {
  if (backup === undefined) {
    if (command !== 'deploy' || (status !== 'published' && ran.length === 0)) return undefined
    return production
      ? 'none was made'
      : line('none was made; outside of production ', code('backup: true'), ' asks for one')
  }
  const size = backup.bytes === undefined ? [] : [`${readableSize(backup.bytes)}, `]
  const sha256 = backup.sha256 === undefined ? [] : [', sha256 ', code(backup.sha256)]
  const file = backup.file === undefined ? [] : [code(backup.file), ': ']
  const encryption = backup.file === undefined ? '' : backup.encrypted ? ', encrypted' : ', not encrypted'
  return line(...file, ...size, verifiedInWords[backup.verified], encryption, ...sha256)
}

function wayBack({ learned: { backup } }: RunRecord): Inline | undefined {
  if (backup === undefined) return undefined
  // What a command of the user's printed last may be a sentence.
  return backup.file === undefined ? backup.restore : line('into a new database, by ', code(backup.restore))
}

function commit({ context: { sha, repository, serverUrl } }: RunRecord): Inline | undefined {
  if (sha === undefined) return undefined
  const url = repository === undefined ? undefined : `${serverUrl}/${repository}/commit/${sha}`
  return link(code(sha.slice(0, 12)), url)
}

/** `2026-11-21 14:03:20 UTC` */
function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
