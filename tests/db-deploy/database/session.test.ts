import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { QueryError } from '../../../actions/db-deploy/database/query-error.ts'
import { openSession, type Session } from '../../../actions/db-deploy/database/session.ts'
import {
  booleanOf,
  numberOf,
  quoteIdentifier,
  quoteLiteral,
  textOf,
  textsOf,
  timeOf
} from '../../../actions/db-deploy/database/sql.ts'
import { neverCancelled } from '../../../actions/shared/cancellation.ts'
import { databaseUrl, problemsOf, session as openTestSession } from '../../support/database.ts'
import { quickClock } from '../../support/world.ts'
import { freePort, startPostgres, type Postgres } from '../../support/postgres.ts'

let postgres: Postgres
const open: Session[] = []

const session: typeof openTestSession = async (...args) => {
  const opened = await openTestSession(...args)
  open.push(opened)
  return opened
}

beforeAll(async () => {
  postgres = await startPostgres({
    settings: { max_connections: '8', superuser_reserved_connections: '3' },
    access: ['local all trusted trust', 'host all unlisted 127.0.0.1/32 reject']
  })
  await postgres.createRole('deployer', '', 'hidden-word')
  await postgres.createRole('trusted')
  await postgres.createRole('unlisted')
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

afterAll(() => {
  postgres.stop()
})

describe('a session', () => {
  test('says its name, its backend and that nothing stands between', async () => {
    const opened = await session(postgres.url('postgres'), { applicationName: 'release-actions/db-deploy 7' })
    const [row] = await opened.query("SELECT pg_backend_pid() AS pid, current_setting('application_name') AS name")
    expect(row).toEqual({ pid: opened.pid, name: 'release-actions/db-deploy 7' })
    expect(opened).toMatchObject({ direct: true, tls: undefined })
  })

  test('gives rows that have one reading whatever the machine’s time zone is', async () => {
    const opened = await session(postgres.url())
    const [row] = await opened.query(
      `SELECT 9007199254740993::bigint AS large, 7::int AS small, true AS yes, '{a,"b c"}'::text[] AS list,
         '2026-02-03 04:05:06.789+02'::timestamptz AS at, '2026-02-03 04:05:06'::timestamp AS plain, 'x'::text AS text`
    )
    expect(row?.['large']).toBe('9007199254740993')
    expect(numberOf(row, 'small')).toBe(7)
    expect(booleanOf(row, 'yes')).toBe(true)
    expect(textsOf(row, 'list')).toEqual(['a', 'b c'])
    expect(new Date(timeOf(row, 'at')).toISOString()).toBe('2026-02-03T02:05:06.789Z')
    expect(new Date(timeOf(row, 'plain')).toISOString()).toBe('2026-02-03T04:05:06.000Z')
    expect(textOf(row, 'text')).toBe('x')
    expect(() => textOf(row, 'absent')).toThrow('absent')
  })

  test('takes values apart from the statement, and several statements without values', async () => {
    const opened = await session(postgres.url())
    expect(await opened.query('SELECT $1::text AS value', ["'; DROP TABLE x --"])).toEqual([
      { value: "'; DROP TABLE x --" }
    ])
    expect(await opened.query('SELECT 1 AS a; SELECT 2 AS b')).toEqual([{ b: 2 }])
  })

  test('answers each of several queries that are asked at once, also behind one that fails', async () => {
    const opened = await session(postgres.url())
    const answers = await Promise.allSettled([
      opened.query('SELECT 1 AS n'),
      opened.query('SELECT nothing'),
      opened.query('SELECT 3 AS n')
    ])
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'refused'))).toEqual([
      [{ n: 1 }],
      'refused',
      [{ n: 3 }]
    ])
  })

  test('quotes names and texts so that they are what they were', async () => {
    const opened = await session(postgres.url())
    for (const odd of [`a"b`, `it's`, 'back\\slash', `\\'; --`, 'ü "x" \\n'])
      expect(await opened.query(`SELECT ${quoteLiteral(odd)} AS ${quoteIdentifier(odd)}`)).toEqual([{ [odd]: odd }])
  })

  test('writes nothing where it is to read only', async () => {
    const opened = await session(postgres.url(), { readOnly: true })
    await expect(opened.query('CREATE TABLE written ()')).rejects.toMatchObject({ sqlstate: '25006' })
  })

  test('keeps its place whatever its role’s settings say', async () => {
    await postgres.query(
      "ALTER ROLE deployer SET idle_session_timeout = '1s'; ALTER ROLE deployer SET transaction_timeout = '1s'"
    )
    const opened = await session(postgres.url('postgres', { user: 'deployer', password: 'hidden-word' }))
    expect(
      await opened.query(
        "SELECT name, setting FROM pg_settings WHERE name ~ '^(idle_.*session|transaction)_timeout$' ORDER BY 1"
      )
    ).toEqual([
      { name: 'idle_in_transaction_session_timeout', setting: '0' },
      { name: 'idle_session_timeout', setting: '0' },
      { name: 'transaction_timeout', setting: '0' }
    ])
  })

  test('tells what the server refused, with its SQLSTATE and place', async () => {
    const opened = await session(postgres.url())
    const error = await opened.query('SELECT * FROM nowhere').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(QueryError)
    expect(error).toMatchObject({ sqlstate: '42P01', report: { position: 15 } })
    expect(await opened.query('SELECT 1 AS still')).toEqual([{ still: 1 }])
  })

  test('ends a statement that takes too long, and goes on', async () => {
    const opened = await session(postgres.url(), { statementTimeout: 100 })
    await expect(opened.query('SELECT pg_sleep(20)')).rejects.toMatchObject({ sqlstate: '57014' })
    expect(await opened.query('SELECT 1 AS still')).toEqual([{ still: 1 }])
  })

  test('waits for a lock no longer than it was told', async () => {
    const database = await postgres.createDatabase()
    const [holder, waiter] = [
      await session(postgres.url(database)),
      await session(postgres.url(database), { lockTimeout: 50 })
    ]
    await holder.query('CREATE TABLE held ()')
    await holder.query('BEGIN; LOCK held')
    await expect(waiter.query('SELECT * FROM held')).rejects.toMatchObject({ sqlstate: '55P03' })
  })
})

describe('a cancelled job', () => {
  test('ends the running statement on the server', async () => {
    const job = new AbortController()
    const opened = await session(postgres.url(), {}, job.signal)
    const asked = problemsOf(opened.query('SELECT pg_sleep(30)'))
    await until(async () => (await running('pg_sleep(30)')) === 1)
    job.abort()
    expect((await asked).map(({ code }) => code)).toEqual(['deploy-cancelled'])
    await until(async () => (await running('pg_sleep(30)')) === 0)
    expect((await problemsOf(opened.query('SELECT 1'))).map(({ code }) => code)).toEqual(['deploy-cancelled'])
  })

  test('stops a connection that is being made', async () => {
    const silent = await listener(() => undefined)
    const job = new AbortController()
    const connecting = problemsOf(session(`postgresql://u:p@127.0.0.1:${silent.port}/db`, {}, job.signal))
    await silent.connected
    job.abort()
    expect((await connecting).map(({ code }) => code)).toEqual(['deploy-cancelled'])
    silent.close()
  })
})

describe('a lost connection', () => {
  test('is noticed while it idles, and later queries say so', async () => {
    const opened = await session(postgres.url())
    const lost = new Promise((resolve) => {
      opened.lost.addEventListener('abort', resolve)
    })
    await postgres.query(`SELECT pg_terminate_backend(${opened.pid})`)
    await lost
    const [problem] = await problemsOf(opened.query('SELECT 1'))
    expect(problem).toMatchObject({ code: 'database-connection-lost' })
    expect(problem?.message).toContain('postgresql://postgres@127.0.0.1')
  })

  test('ends the query that was running', async () => {
    const opened = await session(postgres.url())
    const asked = problemsOf(opened.query('SELECT pg_sleep(31)'))
    await until(async () => (await running('pg_sleep(31)')) === 1)
    await postgres.query(`SELECT pg_terminate_backend(${opened.pid})`)
    expect((await asked).map(({ code }) => code)).toEqual(['database-connection-lost'])
    expect(opened.lost.aborted).toBe(true)
  })

  test('is none when it was closed', async () => {
    const opened = await openTestSession(postgres.url())
    await opened.close()
    await opened.close()
    expect(opened.lost.aborted).toBe(false)
  })
})

describe('what keeps a connection from being made', () => {
  const hidden = { user: 'deployer', password: 'hidden-wrong-word' }

  test.each<[string, () => string, string, string]>([
    ['a wrong password', () => postgres.url('postgres', hidden), 'database-authentication', 'password'],
    [
      'an unknown role',
      () => postgres.url('postgres', { ...hidden, user: 'nobody' }),
      'database-authentication',
      'nobody'
    ],
    [
      'a missing password',
      () => `postgresql://deployer@127.0.0.1:${postgres.port}/postgres`,
      'database-authentication',
      'asks for a password'
    ],
    [
      'a role that is let in from elsewhere',
      () => postgres.url('postgres', { ...hidden, user: 'unlisted' }),
      'database-authentication',
      'pg_hba.conf'
    ],
    ['a missing database', () => postgres.url('nowhere'), 'database-missing', '"nowhere"'],
    [
      'a server without TLS where it is demanded',
      () => postgres.url('postgres', { parameters: { sslmode: 'require' } }),
      'database-tls',
      'does not support SSL'
    ],
    [
      'an unknown host',
      () => 'postgresql://u:hidden-wrong-word@nowhere.invalid/db',
      'database-unreachable',
      'nowhere.invalid'
    ],
    [
      'a socket that is not there',
      () => 'postgresql://u:hidden-wrong-word@%2Fnowhere/db',
      'database-unreachable',
      'ENOENT'
    ],
    [
      'a certificate file that is not there',
      () => postgres.url('postgres', { parameters: { sslmode: 'verify-ca', sslrootcert: '/nowhere.pem' } }),
      'database-tls',
      '/nowhere.pem'
    ]
  ])('%s is told as an instruction', async (_what, url, code, told) => {
    const problems = await problemsOf(session(url()))
    expect(problems.map((problem) => problem.code)).toEqual([code])
    expect(problems[0]?.message).toContain(told)
    expect(problems[0]?.hint).not.toBe('')
    expect(JSON.stringify(problems)).not.toContain('hidden-wrong-word')
  })

  test('a port where nobody listens', async () => {
    const port = await freePort()
    const [problem] = await problemsOf(session(`postgresql://u:hidden-wrong-word@127.0.0.1:${port}/db`))
    expect(problem).toMatchObject({ code: 'database-unreachable' })
    expect(problem?.hint).toContain('services:')
  })

  test('a port that does not answer', async () => {
    const silent = await listener(() => undefined)
    const [problem] = await problemsOf(session(`postgresql://u:p@127.0.0.1:${silent.port}/db`, { connectTimeout: 100 }))
    expect(problem).toMatchObject({ code: 'database-unreachable' })
    expect(problem?.message).toContain('did not answer in time')
    silent.close()
  })

  test('a port of another kind of server', async () => {
    const web = await listener((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const [problem] = await problemsOf(
      session(`postgresql://u:p@127.0.0.1:${web.port}/db?sslmode=require`, { connectTimeout: 1_000 })
    )
    expect(problem).toMatchObject({ code: 'database-tls' })
    web.close()
  })

  test('a server that is starting is asked again until it takes connections', async () => {
    const { port, refused, close } = await startingServer(2)
    const opened = await quickSession(`postgresql://postgres:postgres@127.0.0.1:${port}/postgres?sslmode=disable`)
    expect(await opened.query('SELECT 1 AS there')).toEqual([{ there: 1 }])
    expect(refused()).toBe(2)
    await opened.close()
    close()
  })

  test('a server that never gets ready is given up', async () => {
    const { port, refused, close } = await startingServer(Number.POSITIVE_INFINITY)
    const [problem] = await problemsOf(quickSession(`postgresql://u:p@127.0.0.1:${port}/db?sslmode=disable`))
    expect(problem).toMatchObject({ code: 'database-starting', message: expect.stringContaining('starting up') })
    expect(refused()).toBe(15)
    close()
  })

  test('a server with no place left, after some tries', async () => {
    const others = await Promise.all(
      Array.from({ length: 5 }, () => session(postgres.url('postgres', { user: 'deployer', password: 'hidden-word' })))
    )
    const [problem] = await problemsOf(session(postgres.url('postgres', { user: 'deployer', password: 'hidden-word' })))
    expect(problem).toMatchObject({ code: 'database-full' })
    expect(others).toHaveLength(5)
  })
})

describe('odd addresses', () => {
  test('a socket', async () => {
    const folder = encodeURIComponent(postgres.socketFolder)
    const opened = await session(`postgresql://trusted@${folder}:${postgres.port}/postgres`)
    expect(opened.direct).toBe(true)
    const other = await session(`postgresql://trusted@h:${postgres.port}/postgres?host=${folder}&sslmode=require`)
    expect(other.tls).toBeUndefined()
  })

  test('an IPv6 address', async () => {
    const opened = await session(postgres.url('postgres', { host: '[::1]' }))
    expect(opened.url.hosts).toEqual([{ host: '::1', port: postgres.port }])
  })

  test('several hosts, of which the first is away', async () => {
    const away = await freePort()
    const opened = await session(`postgresql://postgres:postgres@127.0.0.1:${away},127.0.0.1:${postgres.port}/postgres`)
    expect(opened.url.hosts).toEqual([{ host: '127.0.0.1', port: postgres.port }])
  })

  test('a password, a role and a database of every odd character', async () => {
    const odd = ` @:/?#[]%"'ß\\+&=;\`$\t`.trim()
    const database = await postgres.createDatabase(odd)
    await postgres.createRole(odd, '', odd)
    const opened = await session(postgres.url(database, { user: odd, password: odd }))
    expect(await opened.query('SELECT current_database() AS database, current_user AS role')).toEqual([
      { database: odd, role: odd }
    ])
  })

  test('this process’s PG variables do not fill in what the URL leaves out', async () => {
    process.env['PGPASSWORD'] = 'postgres'
    try {
      const [problem] = await problemsOf(session(`postgresql://postgres@127.0.0.1:${postgres.port}/postgres`))
      expect(problem).toMatchObject({ code: 'database-authentication' })
    } finally {
      delete process.env['PGPASSWORD']
    }
  })
})

/** Under a clock that does not wait. */
function quickSession(text: string): Promise<Session> {
  return openSession(
    databaseUrl(text),
    { applicationName: 'release-actions/test' },
    { clock: quickClock(), cancelled: neverCancelled() }
  )
}

/** Says to the first connections what a starting server says, and hands the later ones to the real one. */
async function startingServer(times: number): Promise<{ readonly port: number; refused(): number; close(): void }> {
  let refused = 0
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    if (refused < times) {
      refused++
      socket.once('data', () => socket.end(startingUp()))
      return
    }
    const real = connect(postgres.port, '127.0.0.1')
    sockets.push(real)
    socket.pipe(real).pipe(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    refused: () => refused,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}

/** ErrorResponse (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
function startingUp(): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0')
  const head = Buffer.from([0x45, 0, 0, 0, 0])
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

async function running(statement: string): Promise<number> {
  const rows = await postgres.query(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%${statement}%'`
  )
  return numberOf(rows[0], 'count')
}

async function until(met: () => Promise<boolean>): Promise<void> {
  while (!(await met())) await sleep(20)
}

/** A server that speaks no PostgreSQL. */
async function listener(
  answer: (socket: Socket) => void
): Promise<{ readonly port: number; readonly connected: Promise<unknown>; close(): void }> {
  const sockets: Socket[] = []
  const server: Server = createServer()
  const connected = new Promise((resolve) => {
    server.on('connection', (socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => {
        answer(socket)
        resolve(undefined)
      })
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connected,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}
