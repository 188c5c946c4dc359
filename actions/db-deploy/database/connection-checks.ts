import type { Check } from '../check.ts'
import type { DatabaseUrl } from './database-url.ts'
import type { Server } from './server.ts'
import { isThisMachine, readableOnTheWay, tlsOf } from './tls.ts'

interface Expected {
  readonly migrates: boolean
}

/** What the connection itself tells, with no further question. */
export function connectionChecks(url: DatabaseUrl, server: Server, expected: Expected): readonly Check[] {
  return [
    {
      id: 'connection',
      title: 'Connection',
      told: `${server.facts.role} at ${server.facts.host}/${server.facts.name}`,
      result: 'ok'
    },
    tlsCheck(url, server),
    versionCheck(server),
    writableCheck(server, expected.migrates)
  ]
}

function tlsCheck(url: DatabaseUrl, { facts }: Server): Check {
  const check = { id: 'tls', title: 'Encryption' }
  const { mode, rootFile } = tlsOf(url)
  const proven =
    mode === 'verify-full' || rootFile === 'system'
      ? 'certificate and name are checked'
      : mode === 'verify-ca' || rootFile !== undefined
        ? 'the certificate is checked'
        : 'the certificate is not checked'
  const told = facts.tls === undefined ? unencrypted(url) : `${facts.tls}, ${proven}`
  if (!readableOnTheWay(url)) return { ...check, told, result: 'ok' }
  return {
    ...check,
    told,
    result: 'warning',
    problem: {
      code: 'database-not-encrypted',
      message:
        facts.tls === undefined
          ? `The connection to ${facts.host} is not encrypted: whoever is between can read and change it.`
          : `The connection to ${facts.host} is encrypted because the server offers it, and would not be if somebody between took the offer out (sslmode=${mode}).`,
      hint: 'Add `sslmode=verify-full` with `sslrootcert=/path/ca.pem` to the URL, or at least `sslmode=require`.'
    }
  }
}

/** Why it passes without, where it does. */
function unencrypted(url: DatabaseUrl): string {
  if (readableOnTheWay(url)) return 'none'
  const here = url.hosts.every(({ host }) => isThisMachine(host))
  return here ? 'none; it is this machine' : 'none; its name is one of this network alone'
}

function versionCheck({ postgres, facts }: Server): Check {
  const check = { id: 'server-version', title: 'Server version', told: facts.server }
  if (!postgres)
    return {
      ...check,
      result: 'not checked',
      next: 'This is no PostgreSQL; what is checked below is known of that alone.'
    }
  if ((facts.version ?? 0) >= oldest) return { ...check, result: 'ok' }
  return {
    ...check,
    result: 'warning',
    problem: {
      code: 'database-old',
      message: `${facts.server} is older than what this action is tested with (PostgreSQL 15 to 18), and gets no fixes any more.`,
      hint: 'Move the database to a newer major version.'
    }
  }
}

/** server_version_num. The catalogs that are read have their columns since then. */
const oldest = 120_000

function writableCheck({ inRecovery, readOnly, facts }: Server, migrates: boolean): Check {
  const check = { id: 'writable', title: 'Writable' }
  const told = inRecovery ? 'a standby, which can only be read' : readOnly ? 'read-only by a setting' : 'yes'
  if (!migrates || !(inRecovery || readOnly)) return { ...check, told, result: 'ok' }
  const problem = inRecovery
    ? {
        code: 'database-read-only',
        message: `${facts.host} is a standby, and takes no changes.`,
        hint: 'Give the address of the primary, or several hosts with `target_session_attrs=read-write`.'
      }
    : {
        code: 'database-read-only',
        message: `Sessions of ${facts.role} on ${facts.name} begin read-only (default_transaction_read_only).`,
        hint: 'Find who set it: `SELECT * FROM pg_db_role_setting`, or the server’s settings. Some providers set it when the disk is full: then free space first.'
      }
  return { ...check, told, result: 'failed', problem }
}
