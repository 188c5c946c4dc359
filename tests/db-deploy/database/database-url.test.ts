import { describe, expect, test } from '@jest/globals'
import {
  atHost,
  readDatabaseUrl,
  secretsOf,
  withDatabase,
  type DatabaseUrl
} from '../../../actions/db-deploy/database/database-url.ts'

function read(text: string, environment: Record<string, string> = {}): DatabaseUrl {
  const parsed = readDatabaseUrl(text, 'database-url', environment)
  if (!('url' in parsed)) throw new Error(JSON.stringify(parsed))
  return parsed.url
}

function rejected(text: string): string {
  const parsed = readDatabaseUrl(text, 'database-url')
  if (!('problems' in parsed)) throw new Error(`it was read: ${JSON.stringify(parsed)}`)
  return parsed.problems.map(({ code, message, hint }) => `${code}: ${message} ${hint}`).join('\n')
}

describe('a URL of PostgreSQL', () => {
  test('is taken apart', () => {
    const url = read('postgresql://deployer:s3cret-word@db.example.org:6432/app?schema=shop&sslmode=require')
    expect(url).toMatchObject({
      hosts: [{ host: 'db.example.org', port: 6432 }],
      database: 'app',
      user: 'deployer',
      password: 's3cret-word',
      schema: 'shop',
      shown: 'postgresql://deployer@db.example.org:6432/app'
    })
    expect([...url.parameters]).toEqual([
      ['schema', 'shop'],
      ['sslmode', 'require']
    ])
  })

  test('may have white space around it, as a secret that ends with a line break has', () => {
    expect(read('  postgres://u:p@h/db\r\n').database).toBe('db')
  })

  test.each(['postgres', 'postgresql', 'postgis', 'ecto', 'POSTGRESQL', 'postgresql+asyncpg', 'postgres+pool'])(
    'begins with %s',
    (scheme) => {
      expect(read(`${scheme}://u:p@h/db`).hosts).toEqual([{ host: 'h', port: 5432 }])
    }
  )

  test('has defaults for host, port and schema', () => {
    expect(read('postgresql:///db')).toMatchObject({
      hosts: [{ host: 'localhost', port: 5432 }],
      user: undefined,
      password: undefined,
      schema: 'public'
    })
    expect(read('postgresql://h/db?schema=').schema).toBe('public')
  })

  test.each([
    'p@ss',
    'a:b',
    'a/b',
    'a?b',
    'a#b',
    '[x]',
    '100%',
    'a b',
    `'"\``,
    'pâß wörd 🔑',
    '%41',
    'a+b',
    '&=;',
    '\\'
  ])('may have %s, percent-encoded, for user, password and database', (odd) => {
    const encoded = encodeURIComponent(odd)
    expect(read(`postgresql://${encoded}:${encoded}@h:1/${encoded}`)).toMatchObject({
      user: odd,
      password: odd,
      database: odd
    })
  })

  test.each([
    ['p@ss:w@rd', 'p@ss:w@rd'],
    ['100%', '100%'],
    ['%zz%4', '%zz%4'],
    ['a b\'c"d', 'a b\'c"d'],
    ['[a]', '[a]'],
    ['wörd', 'wörd'],
    ['a+b', 'a+b'],
    ['$(x)`;&=', '$(x)`;&=']
  ])('may have the password %s as it is, which can mean one thing only', (written, meant) => {
    expect(read(`postgresql://u:${written}@h:5432/db`)).toMatchObject({
      user: 'u',
      password: meant,
      hosts: [{ host: 'h', port: 5432 }]
    })
  })

  test('may name an IPv6 address in brackets, with a zone', () => {
    expect(read('postgresql://u@[2001:db8::1]:6000/db')).toMatchObject({
      hosts: [{ host: '2001:db8::1', port: 6000 }],
      shown: 'postgresql://u@[2001:db8::1]:6000/db'
    })
    expect(read('postgresql://u@[::1]/db').hosts).toEqual([{ host: '::1', port: 5432 }])
    expect(read('postgresql://u@[fe80::1%25eth0]/db').hosts).toEqual([{ host: 'fe80::1%eth0', port: 5432 }])
  })

  test('may name a socket, percent-encoded as the host or by a parameter', () => {
    const socket = [{ host: '/var/run/postgresql', port: 5433 }]
    expect(read('postgresql://u@%2Fvar%2Frun%2Fpostgresql:5433/db').hosts).toEqual(socket)
    expect(read('postgresql://u@localhost:5433/db?host=/var/run/postgresql')).toMatchObject({
      hosts: socket,
      shown: 'postgresql://u@%2Fvar%2Frun%2Fpostgresql:5433/db'
    })
    expect(read('postgresql:///db?host=/var/run/postgresql&port=5433').hosts).toEqual(socket)
  })

  test('may name several hosts', () => {
    expect(read('postgresql://u@a:1,b,[::1]:3/db').hosts).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 5432 },
      { host: '::1', port: 3 }
    ])
    expect(read('postgresql:///db?host=a,b&port=1,2').hosts).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 2 }
    ])
    expect(read('postgresql:///db?host=a,b&port=7').hosts.map(({ port }) => port)).toEqual([7, 7])
  })

  test('may say user, password and database by parameters, which win', () => {
    const url = read('postgresql://x:y@h/z?user=u&password=s3cret-word&dbname=db')
    expect(url).toMatchObject({ user: 'u', password: 's3cret-word', database: 'db' })
    expect(url.parameters.size).toBe(0)
  })

  test('has spaces for the + of parameters, as Prisma’s and Ecto’s readers do', () => {
    expect(read('postgresql://h/db?options=-c+work_mem%3D1').parameters.get('options')).toBe('-c work_mem=1')
  })

  test('takes from libpq’s variables what it is silent about', () => {
    const environment = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/ca.pem', PGPASSWORD: 'not-for-here' }
    expect([...read('postgresql://h/db?sslmode=require', environment).parameters]).toEqual([
      ['sslmode', 'require'],
      ['sslrootcert', '/ca.pem']
    ])
    expect(read('postgresql://h/db', environment)).toMatchObject({ password: undefined })
  })
})

describe('what is no usable URL', () => {
  test.each([
    ['', 'is no URL'],
    ['app', 'is no URL'],
    ['host=db dbname=app', 'is no URL'],
    ['"postgresql://u:hidden-word@h/db"', 'quotes'],
    ['DATABASE_URL=postgresql://u:hidden-word@h/db', 'name of a variable'],
    ["psql 'postgresql://u:hidden-word@h/db'", 'psql'],
    ['postgresql:u:hidden-word@h/db', 'no `//`'],
    ['https://u:hidden-word@h/db', 'https'],
    ['postgresql://u:hidden-word@h', 'names no database'],
    ['postgresql://u:hidden-word@h/', 'names no database'],
    ['postgresql://u:hidden-word@h:99999/db', 'port'],
    ['postgresql://u:hidden-word@h:54x2/db', 'port'],
    ['postgresql://u:hidden-word@::1/db', 'brackets'],
    ['postgresql://u:hidden-word@[nonsense]:1/db', 'no IPv6 address'],
    ['postgresql://u:hidden/word@h/db', '`/`'],
    ['postgresql://u:1/hidden-word@h/db', '`/`'],
    ['postgresql://u:hidden?word@h/db', '`?`'],
    ['postgresql://u:hidden#word@h/db', '`#`'],
    ['postgresql://u:hidden-word@h/db/', '`/`'],
    ['postgresql://u:hidden\nword@h/db', 'line break'],
    ['postgresql://u:hidden-word%00@h/db', '%00'],
    ['postgresql://u:hidden-word%ff@h/db', 'UTF-8'],
    ['postgresql://u:hidden-word@h/db?sslmode=required', 'sslmode'],
    ['postgresql://u:hidden-word@h/db?target_session_attrs=writable', 'target_session_attrs']
  ])('%j is told so, and its password is not', (text, expected) => {
    const told = rejected(text)
    expect(told).toContain('database-url-invalid: The URL in database-url ')
    expect(told).toContain(expected)
    expect(told).not.toMatch(/hidden|-word/)
  })

  test.each([
    ['prisma://accelerate.example.net/?api_key=hidden-word', 'Accelerate'],
    ['prisma+postgres://accelerate.example.net/?api_key=hidden-word', 'direct connection string'],
    ['jdbc:postgresql://h/db?user=u&password=hidden-word', 'Remove `jdbc:`']
  ])('%s is refused with what to give instead', (text, expected) => {
    expect(rejected(text)).toContain('database-url-refused')
    expect(rejected(text)).toContain(expected)
    expect(rejected(text)).not.toContain('hidden-word')
  })

  test.each([
    ['mysql://u:p@h/db', 'mysql'],
    ['mariadb://h/db', 'mysql'],
    ['sqlserver://h:1433;database=db', 'sqlserver'],
    ['mongodb+srv://u:p@h/db', 'mongodb'],
    ['file:./dev.db', 'sqlite'],
    ['cockroachdb://h/db', 'cockroachdb']
  ])('%s is another database', (text, other) => {
    expect(readDatabaseUrl(text, 'database-url')).toMatchObject({ other })
  })
})

describe('what is made of a URL', () => {
  test('another database on the same server, and one of its hosts', () => {
    const url = read('postgresql://u:p@a,b/db?sslmode=require')
    expect(withDatabase(url, 'x/y')).toMatchObject({
      database: 'x/y',
      password: 'p',
      shown: 'postgresql://u@a:5432,b:5432/x%2Fy'
    })
    expect(atHost(url, { host: 'b', port: 5432 })).toMatchObject({
      hosts: [{ host: 'b', port: 5432 }],
      shown: 'postgresql://u@b:5432/db'
    })
  })

  test('its secrets: whole, and the password in each form, alone and with its user', () => {
    const text = 'postgresql://u%40x:p%40ss w@h/db?sslpassword=key-word'
    const secrets = secretsOf(read(text), text)
    expect(secrets).toEqual(
      expect.arrayContaining([
        text,
        'p%40ss w',
        'p@ss w',
        'p%40ss%20w',
        'u%40x:p%40ss w',
        'u@x:p@ss w',
        'u%40x:p%40ss%20w',
        'key-word'
      ])
    )
  })

  test('a password that stands in a parameter is a secret, too', () => {
    const text = 'postgresql://h/db?user=u&password=s3cret%2Bword'
    expect(secretsOf(read(text), text)).toEqual(expect.arrayContaining([text, 's3cret+word', 's3cret%2Bword']))
  })

  test('a URL without a password has no secret but itself', () => {
    const text = 'postgresql://u@h/db'
    expect(secretsOf(read(text), text)).toEqual([text])
  })

  test('what is shown has no password and no parameters', () => {
    const { shown } = read('postgresql://u:hidden-word@h/d b?password=hidden-word&options=hidden-word')
    expect(shown).toBe('postgresql://u@h:5432/d%20b')
  })
})
