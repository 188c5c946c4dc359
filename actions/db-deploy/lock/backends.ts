import type { World } from '../../shared/world.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { Session } from '../database/session.ts'

/** A process of the server that serves one connection. */
export interface Backend {
  readonly pid: number
  /** Its application_name; '' where it gave none. */
  readonly application: string
  readonly role: string
  /** ISO 8601; undefined where the role may not see it. */
  readonly since: string | undefined
  /** `active`, `idle`, `idle in transaction` … */
  readonly state: string | undefined
  /** Its statement, or the last one; undefined where the role may not see it. */
  readonly statement: string | undefined
}

export interface EndedBackend extends Backend {
  /** `cancelled`: its statement was stopped, and then it was gone. `there`: it is, or nobody knows. */
  readonly end: 'cancelled' | 'terminated' | 'there'
  /** SQL that ends it, for somebody who may; only where it is there. */
  readonly instruction?: string
}

/**
 * Ends the backends of this database whose application_name is exactly this: cancels what they run, waits, terminates, and
 * waits until they are gone. Listens to no cancellation, as it is what a cancelled run ends with; takes 6 s at most.
 *
 * @throws ActionError where the server cannot be reached
 */
export declare function endBackends(
  url: DatabaseUrl,
  applicationName: string,
  world: World
): Promise<readonly EndedBackend[]>

/** The backends of the session's database with exactly this application_name. */
export declare function findBackends(session: Session, applicationName: string): Promise<readonly Backend[]>

/**
 * Who may be migrating without our application_name (Ecto's own connections have none): backends of the session's role and
 * database that run something, and began after the tool did. Only to be shown.
 *
 * @param since milliseconds that have passed since the tool was started
 */
export declare function migratingBackends(session: Session, since: number): Promise<readonly Backend[]>
