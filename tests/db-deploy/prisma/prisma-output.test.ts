import { describe, expect, test } from '@jest/globals'
import { readPrismaOutput } from '../../../actions/db-deploy/prisma/prisma-output.ts'

describe('what prisma migrate deploy says', () => {
  test('is that it applied something', () => {
    const output = `3 migrations found in prisma/migrations
Applying migration \`20260101000000_init\`
The following migration(s) have been applied:
migrations/
  └─ 20260101000000_init/
    └─ migration.sql
All migrations have been successfully applied.`
    expect(readPrismaOutput('deploy', output)).toEqual({
      sentence: 'applied',
      migrations: [{ name: '20260101000000_init' }]
    })
  })

  test('is that nothing was pending', () => {
    expect(
      readPrismaOutput('deploy', '3 migrations found in prisma/migrations\nNo pending migrations to apply.')
    ).toEqual({
      sentence: 'nothing',
      migrations: []
    })
  })

  test('is no success where it breaks off, whatever the exit code', () => {
    const output = 'Datasource "db": PostgreSQL database "app", schema "public" at "db.example.org:5432"'
    expect(readPrismaOutput('deploy', output)).toEqual({ sentence: undefined, migrations: [] })
  })

  test('is the migration, the SQLSTATE and the words of the server where the native engine fails', () => {
    const output = `Error: P3018
A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve
Migration name: 20260103000000_more
Database error code: 42703
Database error:
ERROR: column "nope" does not exist
Position:
  0
  1 UPDATE "User" SET nope = 1;
DbError { severity: "ERROR", parsed_severity: Some(Error), code: SqlState(E42703), message: "column \\"nope\\" does not exist" }`
    expect(readPrismaOutput('deploy', output)).toEqual({
      sentence: 'failed',
      migrations: [],
      code: 'P3018',
      failedMigration: '20260103000000_more',
      sqlstate: '42703',
      message: 'ERROR: column "nope" does not exist'
    })
  })

  test('is the one that failed before', () => {
    const output = `Error: P3009
migrate found failed migrations in the target database, new migrations will not be applied. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve
The \`20260103000000_more\` migration started at 2026-11-21 19:28:21.297 UTC failed`
    expect(readPrismaOutput('deploy', output)).toMatchObject({
      sentence: 'failed',
      code: 'P3009',
      failedMigration: '20260103000000_more'
    })
  })

  test('is that another one holds the lock', () => {
    const output = `Error: P1002
The database server was reached but timed out.
Context: Timed out trying to acquire a postgres advisory lock (SELECT pg_advisory_lock(72707369)). Timeout: 10000ms. See https://pris.ly/d/migrate-advisory-locking for details.`
    const told = readPrismaOutput('deploy', output)
    expect(told.code).toBe('P1002')
    expect(told.message).toContain('another prisma migrate holds the advisory lock 72707369')
  })

  test.each([
    [
      "Error: P1001: Can't reach database server at `db.example.org:5432`",
      'P1001',
      "Can't reach database server at `db.example.org:5432`"
    ],
    [
      'Error: P1000\n\nAuthentication failed against database server',
      'P1000',
      'Authentication failed against database server'
    ],
    [
      'Error: P3005\n\nThe database schema is not empty. Read more',
      'P3005',
      'The database schema is not empty. Read more'
    ]
  ])('is a code with its sentence: %s', (output, code, message) => {
    expect(readPrismaOutput('deploy', output)).toEqual({ sentence: 'failed', migrations: [], code, message })
  })

  test.each([
    'Error: request to https://binaries.prisma.sh/all_commits/c29/debian-openssl-3.0.x/schema-engine.gz.sha256 failed, reason: getaddrinfo ENOTFOUND binaries.prisma.sh',
    'Error: Could not find schema-engine binary. Searched in: /app/node_modules/@prisma/engines'
  ])('becomes an instruction where the engine is missing: %s', (output) => {
    const told = readPrismaOutput('deploy', output)
    expect(told.sentence).toBe('failed')
    expect(told.message).toMatch(/Let the packages' scripts run|Install the packages again/)
  })
})

describe('what other commands say', () => {
  test.each([
    ['validate', 'The schema at prisma/schema.prisma is valid 🚀', 'ok'],
    ['validate', 'The schemas at prisma/schema are valid 🚀', 'ok'],
    ['generate', '✔ Generated Prisma Client (7.10.1) to ./generated in 23ms', 'ok'],
    ['status', 'Database schema is up to date!', 'nothing'],
    ['status', 'Following migrations have not yet been applied:\n20260101000000_init', 'ok'],
    ['resolve', 'Migration 20260103000000_c marked as rolled back.', 'ok'],
    ['seed', '🌱  The seed command has been executed.', 'ok'],
    ['seed', '⚠️ No seed command configured', 'nothing'],
    ['diff', '-- This is an empty migration.', 'nothing'],
    ['diff', '-- CreateTable\nCREATE TABLE "A" (id INT);', 'ok'],
    ['diff', 'Loaded Prisma config from prisma.config.ts.', undefined]
  ] as const)('%s: %s', (command, output, sentence) => {
    expect(readPrismaOutput(command, output).sentence).toBe(sentence)
  })

  test('status names the failed one', () => {
    const output = 'Following migration have failed:\n20260103000000_c\nDuring development if the failed'
    expect(readPrismaOutput('status', output)).toMatchObject({
      sentence: 'failed',
      failedMigration: '20260103000000_c'
    })
  })

  test('a schema that is not valid is told by its first error', () => {
    const output = `Error: Prisma schema validation - (validate wasm)
Error code: P1012
error: Error validating: This line is invalid.
  -->  prisma/schema.prisma:10
Validation Error Count: 1`
    const told = readPrismaOutput('validate', output)
    expect(told).toMatchObject({ sentence: 'failed', code: 'P1012' })
    expect(told.message).toContain('This line is invalid.')
  })
})
