// needs: act, psql
// What the rehearsal promises about PostgreSQL as a service of a job.
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from '@jest/globals'
import { rehearseWorkflow, summaries } from '../rehearse/rehearse-folder.ts'

const service = (port: number, password = 'word-of-pass'): string => `
      database:
        image: postgres:16
        env: {POSTGRES_USER: carrier, POSTGRES_PASSWORD: "${password}", POSTGRES_DB: ledger}
        ports: ["${port}:5432"]
        options: --health-cmd pg_isready`

const ask = (port: number, sql: string): string =>
  `{shell: bash, run: 'psql -tA postgres://carrier:word-of-pass@localhost:${port}/ledger -c "${sql}" >> "$GITHUB_STEP_SUMMARY" 2>&1'}`

const header = 'name: Migrate\non: {push: {tags: ["v*"]}}\n'

const leftovers = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('rehearsal-postgres-'))

describe('a job with a postgres service', () => {
  test('finds it at its port, with its user, password and database, and it is told what stood for it', async () => {
    const before = leftovers()
    const rehearsed = await rehearseWorkflow(`${header}
jobs:
  migrate:
    runs-on: ubuntu-latest
    permissions: {}
    services:${service(23_432)}
    steps: [${ask(23_432, 'select current_user, current_database()')}]`)
    expect(summaries(rehearsed)).toContain('carrier|ledger')
    expect(rehearsed.outcome.verdict).toBe('green')
    expect(rehearsed.outcome.remarks).toContain(
      "service database (postgres:16): a PostgreSQL 18 of the rehearsal's own stood for it on 127.0.0.1:23432"
    )
    expect(leftovers()).toEqual(before)
  })

  test('has a database of its own, whatever other jobs at the same port do', async () => {
    const job = (id: string): string => `
  ${id}:
    runs-on: ubuntu-latest
    permissions: {}
    services:${service(23_433)}
    steps: [${ask(23_433, 'create table only_mine (n int); select count(*) from only_mine')}]`
    const rehearsed = await rehearseWorkflow(`${header}jobs:${job('one')}${job('two')}`)
    expect(rehearsed.outcome.verdict).toBe('green')
    expect(summaries(rehearsed).match(/CREATE TABLE\n0/g)).toHaveLength(2)
  })

  test('fails with an instruction where the image would not start', async () => {
    const { outcome } = await rehearseWorkflow(`${header}
jobs:
  migrate:
    runs-on: ubuntu-latest
    permissions: {}
    services:${service(23_434, '')}
    steps: [{run: 'true'}]`)
    expect(outcome.verdict).toBe('failed')
  })

  test('another image is not started, and that is told', async () => {
    const { outcome } = await rehearseWorkflow(`${header}
jobs:
  migrate:
    runs-on: ubuntu-latest
    permissions: {}
    services: {cache: {image: 'redis:7', ports: ['6379:6379']}, vectors: {image: 'pgvector/pgvector:pg16', ports: ['5432:5432']}}
    steps: [{run: 'true'}]`)
    expect(outcome.notRehearsed).toEqual([
      'job migrate: its service cache was not started, there is no Docker here',
      'job migrate: its service vectors was not started, there is no Docker here'
    ])
  })
})
