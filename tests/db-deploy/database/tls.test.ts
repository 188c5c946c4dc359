import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { openSession } from '../../../actions/db-deploy/database/session.ts'
import { readableOnTheWay, tlsOf } from '../../../actions/db-deploy/database/tls.ts'
import { createCertificateAuthority, type CertificateAuthority } from '../../../sandbox/certificate-authority.ts'
import { neverCancelled } from '../../../actions/shared/cancellation.ts'
import { systemClock } from '../../../actions/shared/clock.ts'
import { databaseUrl, problemsOf, session } from '../../support/database.ts'
import { startPostgres, type Postgres } from '../../support/postgres.ts'

let authority: CertificateAuthority
let stranger: CertificateAuthority
let postgres: Postgres
let plain: Postgres

beforeAll(async () => {
  ;[authority, stranger] = await Promise.all([createCertificateAuthority(), createCertificateAuthority()])
  postgres = await startPostgres({
    tls: authority,
    access: [
      'hostssl all demanding all scram-sha-256',
      'host all demanding all reject',
      'hostnossl all open all scram-sha-256',
      'hostssl all open all reject'
    ]
  })
  await postgres.createRole('demanding')
  await postgres.createRole('open')
  plain = await startPostgres()
})

afterAll(() => {
  postgres.stop()
  plain.stop()
  authority.close()
  stranger.close()
})

/** The certificate is for `localhost`; 127.0.0.1 is another name of the same server. */
function at(host: 'localhost' | '127.0.0.1', parameters: Record<string, string>, user = 'postgres'): string {
  const password = user === 'postgres' ? 'postgres' : `secret-${user}`
  return postgres.url('postgres', { host, parameters, user, password })
}

async function tlsBy(url: string): Promise<string | undefined> {
  const opened = await session(url)
  await opened.close()
  return opened.tls
}

describe('sslmode against a server with a certificate of an authority that nobody knows', () => {
  test('disable does without', async () => {
    expect(await tlsBy(at('127.0.0.1', { sslmode: 'disable' }))).toBeUndefined()
  })

  test('allow does without, and with where the server wants it', async () => {
    expect(await tlsBy(at('127.0.0.1', { sslmode: 'allow' }))).toBeUndefined()
    expect(await tlsBy(at('127.0.0.1', { sslmode: 'allow' }, 'demanding'))).toBe('TLSv1.3')
  })

  test('prefer, the default, does with, and without where the server wants that', async () => {
    expect(await tlsBy(at('127.0.0.1', {}))).toBe('TLSv1.3')
    expect(await tlsBy(at('127.0.0.1', { sslmode: 'prefer' }, 'open'))).toBeUndefined()
    expect(await tlsBy(plain.url())).toBeUndefined()
  })

  test('require encrypts, and checks nothing, as libpq does', async () => {
    expect(await tlsBy(at('127.0.0.1', { sslmode: 'require' }))).toBe('TLSv1.3')
    expect(await tlsBy(at('127.0.0.1', { ssl: 'true' }, 'demanding'))).toBe('TLSv1.3')
    expect(await problemsOf(session(at('127.0.0.1', { sslmode: 'require' }, 'open')))).toMatchObject([
      { code: 'database-authentication' }
    ])
  })

  test('require checks the authority where one is named, as libpq does', async () => {
    expect(await tlsBy(at('127.0.0.1', { sslmode: 'require', sslrootcert: authority.caFile }))).toBe('TLSv1.3')
    expect(
      await problemsOf(session(at('127.0.0.1', { sslmode: 'require', sslrootcert: stranger.caFile })))
    ).toMatchObject([{ code: 'database-tls', hint: expect.stringContaining('sslrootcert') }])
  })

  test('verify-ca checks the authority, and no name', async () => {
    expect(await tlsBy(at('127.0.0.1', { sslmode: 'verify-ca', sslrootcert: authority.caFile }))).toBe('TLSv1.3')
    expect(
      await problemsOf(session(at('localhost', { sslmode: 'verify-ca', sslrootcert: stranger.caFile })))
    ).toMatchObject([{ code: 'database-tls' }])
    expect(await problemsOf(session(at('localhost', { sslmode: 'verify-ca' })))).toMatchObject([
      { code: 'database-tls' }
    ])
  })

  test('verify-full checks the name, too', async () => {
    expect(await tlsBy(at('localhost', { sslmode: 'verify-full', sslrootcert: authority.caFile }))).toBe('TLSv1.3')
    expect(
      await problemsOf(session(at('127.0.0.1', { sslmode: 'verify-full', sslrootcert: authority.caFile })))
    ).toMatchObject([{ code: 'database-tls', hint: expect.stringContaining('another name') }])
  })

  test('verify-full takes the authority from PGSSLROOTCERT', async () => {
    const environment = { PGSSLROOTCERT: authority.caFile }
    const read = readDatabaseUrl(at('localhost', { sslmode: 'verify-full' }), 'database-url', environment)
    if (!('url' in read)) throw new Error('it is a URL')
    const world = { clock: systemClock, cancelled: neverCancelled() }
    const opened = await openSession(read.url, { applicationName: 'release-actions/test' }, world)
    await opened.close()
    expect(opened.tls).toBe('TLSv1.3')
  })

  test('Prisma’s words mean what they mean to Prisma', async () => {
    const strict = { sslmode: 'require', sslaccept: 'strict' }
    expect(await tlsBy(at('localhost', { ...strict, sslcert: authority.caFile }))).toBe('TLSv1.3')
    expect(await problemsOf(session(at('127.0.0.1', { ...strict, sslcert: authority.caFile })))).toMatchObject([
      { code: 'database-tls' }
    ])
    expect(await tlsBy(at('127.0.0.1', { sslmode: 'require', sslaccept: 'accept_invalid_certs' }))).toBe('TLSv1.3')
  })

  test('a file that holds no certificate is told', async () => {
    const file = join(tmpdir(), `no-certificate-${process.pid}.pem`)
    writeFileSync(file, 'nothing')
    expect(await problemsOf(session(at('localhost', { sslmode: 'verify-full', sslrootcert: file })))).toMatchObject([
      { code: 'database-tls' }
    ])
  })
})

describe('channel_binding=require', () => {
  test('binds the password’s proof to the encrypted channel', async () => {
    expect(await tlsBy(at('127.0.0.1', { sslmode: 'require', channel_binding: 'require' }))).toBe('TLSv1.3')
  })

  test('is refused where the server cannot', async () => {
    expect(
      await problemsOf(session(plain.url('postgres', { parameters: { channel_binding: 'require' } })))
    ).toMatchObject([{ code: 'database-authentication', message: expect.stringContaining('channel binding') }])
  })
})

test('a cancelled job ends what runs on a server that takes encrypted connections only', async () => {
  const job = new AbortController()
  const opened = await session(at('127.0.0.1', { sslmode: 'require' }, 'demanding'), {}, job.signal)
  const asked = problemsOf(opened.query('SELECT pg_sleep(30)'))
  const count = async (): Promise<unknown> =>
    (
      await postgres.query(
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = 'demanding' AND state = 'active'"
      )
    )[0]?.['count']
  while ((await count()) !== 1);
  job.abort()
  expect(await asked).toMatchObject([{ code: 'deploy-cancelled' }])
  while ((await count()) !== 0);
  await opened.close()
})

describe('what a URL says of TLS', () => {
  test.each([
    ['postgresql://db.example.org/app', true],
    ['postgresql://db.example.org/app?sslmode=prefer', true],
    ['postgresql://db.example.org/app?sslmode=disable', true],
    ['postgresql://db.example.org/app?sslmode=require', false],
    ['postgresql://db.example.org/app?ssl=true', false],
    ['postgresql://db.example.org/app?sslmode=verify-full', false],
    ['postgresql://10.0.0.5/app', true],
    ['postgresql://localhost/app', false],
    ['postgresql://127.0.0.1/app', false],
    ['postgresql://[::1]/app', false],
    ['postgresql://postgres/app', false],
    ['postgresql://%2Frun%2Fpg/app', false],
    ['postgresql://localhost,db.example.org/app', true]
  ])('%s: whether somebody on the way could read along is %s', (text, readable) => {
    expect(readableOnTheWay(databaseUrl(text))).toBe(readable)
  })

  test('a socket has no TLS, whatever is asked for', () => {
    expect(tlsOf(databaseUrl('postgresql://%2Frun%2Fpg/app?sslmode=require')).mode).toBe('disable')
  })
})
