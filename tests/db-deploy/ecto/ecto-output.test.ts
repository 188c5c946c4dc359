import { describe, expect, test } from '@jest/globals'
import { readEctoOutput } from '../../../actions/db-deploy/ecto/ecto-output.ts'

describe('what mix ecto.migrate logs', () => {
  test('is each migration with its time and its statements', () => {
    const output = `19:53:19.037 [info] == Running 20260101000000 App.Repo.Migrations.AddUsers.change/0 forward
19:53:19.056 [info] create table users
19:53:19.181 [debug] QUERY OK db=120.4ms
CREATE TABLE "users" ("id" bigserial, PRIMARY KEY ("id")) []
19:53:19.190 [debug] QUERY OK db=1.2s queue=0.3ms
CREATE INDEX "users_name_index" ON "users" ("name") []
19:53:19.181 [info] == Migrated 20260101000000 in 1.3s
19:53:19.189 [info] == Running 20260102000000 App.Repo.Migrations.B.up/0 forward
19:53:19.313 [info] == Migrated 20260102000000 in 0.0s`
    expect(readEctoOutput(output, 0)).toEqual({
      sentence: 'applied',
      migrations: [
        { name: '20260101000000', took: 1320, statements: 2 },
        { name: '20260102000000', took: 0 }
      ]
    })
  })

  test('is that nothing was pending', () => {
    expect(readEctoOutput('19:53:27.084 [info] Migrations already up', 0)).toEqual({
      sentence: 'nothing',
      migrations: []
    })
  })

  test('is the error with its SQLSTATE, and the one that was running', () => {
    const output = `12:00:00.000 [info] == Running 20260101000000 App.Repo.Migrations.A.change/0 forward
12:00:00.010 [info] == Migrated 20260101000000 in 0.0s
12:00:00.020 [info] == Running 20260103000000 App.Repo.Migrations.C.change/0 forward
12:00:00.030 [info] create table users
** (Postgrex.Error) ERROR 42P07 (duplicate_table) relation "users" already exists
    (ecto_sql 3.13.5) lib/ecto/adapters/sql.ex:1098: Ecto.Adapters.SQL.raise_sql_call_error/1`
    expect(readEctoOutput(output, 1)).toEqual({
      sentence: 'failed',
      failedMigration: '20260103000000',
      sqlstate: '42P07',
      message: 'Postgrex.Error: ERROR 42P07 (duplicate_table) relation "users" already exists',
      migrations: [{ name: '20260101000000', took: 0 }]
    })
  })

  test('is an error of Mix without the name of its exception', () => {
    const output = '** (Mix) Could not find migrations directory "priv/repo/migrations"\nfor repo App.Repo.'
    expect(readEctoOutput(output, 1).message).toBe(
      'Could not find migrations directory "priv/repo/migrations" for repo App.Repo.'
    )
  })

  test.each([
    ['** (Mix) The task "ecto.migrate" could not be found', 'depends on ecto_sql'],
    [
      "Unchecked dependencies for environment prod:\n* ecto (Hex package)\n** (Mix) Can't continue due to errors on dependencies",
      'mix deps.get'
    ],
    [
      '** (UndefinedFunctionError) function App.Release.migrate/0 is undefined (module App.Release is not available)',
      'release-call'
    ]
  ])('is an instruction where something is missing: %s', (output, words) => {
    const told = readEctoOutput(output, 1)
    expect(told.sentence).toBe('failed')
    expect(told.message).toContain(words)
  })

  test('is no success where mix ended with 0 while one was running, as it does when it is interrupted', () => {
    const output = '12:00:00.020 [info] == Running 20260103000000 App.Repo.Migrations.C.change/0 forward'
    expect(readEctoOutput(output, 0)).toEqual({ sentence: 'failed', failedMigration: '20260103000000', migrations: [] })
  })

  test('is read from the texts of a JSON logger too', () => {
    const output = `{"level":"info","msg":"== Running 20260101000000 App.Repo.Migrations.A.change/0 forward"}
{"level":"info","msg":"== Migrated 20260101000000 in 0.2s"}`
    expect(readEctoOutput(output, 0)).toEqual({
      sentence: 'applied',
      migrations: [{ name: '20260101000000', took: 200 }]
    })
  })

  test('may be nothing at all: then the exit code and the table are the witnesses', () => {
    expect(readEctoOutput('', 0).sentence).toBe('ok')
    expect(readEctoOutput('', 1).sentence).toBeUndefined()
  })
})
