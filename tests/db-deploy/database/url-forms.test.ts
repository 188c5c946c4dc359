import { describe, expect, test } from '@jest/globals'
import { readDatabaseUrl, type DatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import { libpqEnvironment, toolUrl } from '../../../actions/db-deploy/database/url-forms.ts'

function read(text: string): DatabaseUrl {
  const parsed = readDatabaseUrl(text, 'database-url')
  if (!('url' in parsed)) throw new Error(JSON.stringify(parsed))
  return parsed.url
}

const run = { applicationName: 'release-actions/db-deploy 7 migrate', lockTimeout: 5_000, statementTimeout: 0 }

function forPrisma(text: string, options: Partial<typeof run> = {}): URL {
  return new URL(toolUrl(read(text), { ...run, ...options, driver: 'prisma' }))
}

function forEcto(text: string): string {
  return toolUrl(read(text), { ...run, driver: 'ecto' })
}

describe('libpq’s variables', () => {
  test('say who, where and how, and nothing of what only Prisma knows', () => {
    const url = read(
      'postgresql://u:p%40ss@db.example.org:6000/app%20x?schema=shop&connection_limit=5&pgbouncer=true&sslaccept=accept_invalid_certs&sslmode=require&connect_timeout=3&options=-c%20work_mem%3D1MB'
    )
    expect(libpqEnvironment(url)).toEqual({
      PGHOST: 'db.example.org',
      PGPORT: '6000',
      PGUSER: 'u',
      PGPASSWORD: 'p@ss',
      PGDATABASE: 'app x',
      PGSSLMODE: 'require',
      PGCONNECT_TIMEOUT: '3',
      PGOPTIONS: '-c work_mem=1MB'
    })
  })

  test('name each of several hosts with its port', () => {
    expect(libpqEnvironment(read('postgresql://a:1,b:2/db?target_session_attrs=read-write'))).toEqual({
      PGHOST: 'a,b',
      PGPORT: '1,2',
      PGDATABASE: 'db',
      PGTARGETSESSIONATTRS: 'read-write'
    })
  })

  test('have libpq’s words for TLS, whichever dialect the URL has', () => {
    const tls = (query: string): Record<string, string> => {
      const all = Object.entries(libpqEnvironment(read(`postgresql://h/db?${query}`)))
      return Object.fromEntries(all.filter(([name]) => name.startsWith('PGSSL')))
    }
    expect(tls('ssl=true')).toEqual({ PGSSLMODE: 'require' })
    expect(tls('sslmode=no-verify')).toEqual({ PGSSLMODE: 'require' })
    expect(tls('sslmode=require&sslaccept=strict&sslcert=/ca.pem')).toEqual({
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: '/ca.pem'
    })
    expect(tls('sslmode=verify-ca&sslrootcert=/ca.pem&sslcert=/me.pem&sslkey=/me.key')).toEqual({
      PGSSLMODE: 'verify-ca',
      PGSSLROOTCERT: '/ca.pem',
      PGSSLCERT: '/me.pem',
      PGSSLKEY: '/me.key'
    })
    expect(tls('sslmode=verify-full')).toMatchObject({ PGSSLMODE: 'verify-full', PGSSLROOTCERT: expect.any(String) })
  })
})

describe('the URL for Prisma', () => {
  test('keeps Prisma’s parameters and drops the others', () => {
    const url = forPrisma('ecto://u:p@h:1/db?schema=shop&connection_limit=5&pool_size=3&keepalives=1&sslmode=require')
    expect(url.protocol).toBe('postgresql:')
    expect([...url.searchParams.keys()]).toEqual([
      'schema',
      'connection_limit',
      'sslmode',
      'options',
      'application_name'
    ])
  })

  test('names the session and limits its waiting', () => {
    const url = forPrisma('postgresql://h/db', { lockTimeout: 5_000, statementTimeout: 60_000 })
    expect(url.searchParams.get('application_name')).toBe('release-actions/db-deploy 7 migrate')
    expect(url.searchParams.get('options')).toBe('-c lock_timeout=5000 -c statement_timeout=60000')
  })

  test('adds to the options that the user has', () => {
    expect(forPrisma('postgresql://h/db?options=-c%20work_mem%3D1MB').searchParams.get('options')).toBe(
      '-c work_mem=1MB -c lock_timeout=5000'
    )
  })

  test('has no options where nothing is limited', () => {
    expect(forPrisma('postgresql://h/db', { lockTimeout: 0 }).searchParams.has('options')).toBe(false)
  })

  test('demands what verify-full demands, in Prisma’s words', () => {
    const url = forPrisma('postgresql://h/db?sslmode=verify-full&sslrootcert=/ca.pem')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      sslmode: 'require',
      sslaccept: 'strict',
      sslcert: '/ca.pem'
    })
    expect(forPrisma('postgresql://h/db?sslmode=allow').searchParams.get('sslmode')).toBe('prefer')
  })

  test('writes every odd character so that it means itself', () => {
    const odd = `p@:/?#[]% "'ß\\+&=`
    const encoded = encodeURIComponent(odd)
    const url = forPrisma(`postgresql://${encoded}:${encoded}@h/${encoded}?schema=${encoded}`)
    expect([url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent)).toEqual([odd, odd, odd])
    expect(url.searchParams.get('schema')).toBe(odd)
    expect(url.hostname).toBe('h')
  })

  test('names a socket by a parameter, as Prisma wants it', () => {
    const url = forPrisma('postgresql://u@%2Frun%2Fpg:6000/db')
    expect(url.host).toBe('localhost:6000')
    expect(url.searchParams.get('host')).toBe('/run/pg')
  })

  test('keeps brackets around an IPv6 address', () => {
    expect(forPrisma('postgresql://u@[::1]:6000/db').host).toBe('[::1]:6000')
  })
})

describe('the URL for Ecto', () => {
  test('has what is Ecto’s alone: Postgrex would take the others for options of its own', () => {
    expect(
      forEcto('postgresql://u:p@h/db?schema=x&sslmode=require&application_name=y&ssl=true&pool_size=3&timeout=9')
    ).toBe('ecto://u:p@h:5432/db?ssl=true&pool_size=3&timeout=9')
  })

  test('names a socket as Postgrex does', () => {
    expect(forEcto('postgresql://u@%2Frun%2Fpg/db')).toBe('ecto://u@localhost:5432/db?socket_dir=%2Frun%2Fpg')
  })
})
