import type { World } from '../shared/world.ts'
import type { DatabaseUrl } from './database/database-url.ts'
import { openSession, type Session } from './database/session.ts'
import type { Inputs } from './inputs.ts'

/** Past any pooler. Inputs without an address have been refused before. */
export function directUrl({ urls }: Pick<Inputs, 'urls'>): DatabaseUrl {
  if (urls.direct === undefined) throw new TypeError('inputs without a database are refused')
  return urls.direct
}

/** Lets something be read over a connection of its own that can write nothing, and closes it. Throws what `use` throws. */
export async function reading<T>(
  { url, sessions }: { readonly url: DatabaseUrl } & Pick<Inputs, 'sessions'>,
  world: World,
  use: (session: Session) => Promise<T>
): Promise<T> {
  return during(await openSession(url, { applicationName: sessions.own, readOnly: true }, world), use)
}

/** Lets something be read over a connection that others share. */
export type Reader = <T>(use: (session: Session) => Promise<T>) => Promise<T>

/** As `reading`, for several looks over one connection, which is made when the first of them wants it. */
export async function sharedReading<T>(
  { url, sessions }: { readonly url: DatabaseUrl } & Pick<Inputs, 'sessions'>,
  world: World,
  body: (read: Reader) => Promise<T>
): Promise<T> {
  let opened: Promise<Session> | undefined
  try {
    return await body(async (use) => {
      opened ??= openSession(url, { applicationName: sessions.own, readOnly: true }, world)
      return use(await opened)
    })
  } finally {
    await opened?.then(
      (session) => session.close(),
      () => undefined
    )
  }
}

/** As `reading`, for what is written: only to what is the run's own, a scratch database or the ledger. */
export async function writing<T>(
  { url, sessions }: { readonly url: DatabaseUrl } & Pick<Inputs, 'sessions'>,
  world: World,
  use: (session: Session) => Promise<T>
): Promise<T> {
  return during(await openSession(url, { applicationName: sessions.own }, world), use)
}

async function during<T>(session: Session, use: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}
