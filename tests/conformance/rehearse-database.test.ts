// needs: act, psql
// What the rehearsal promises about workflows one after the other, and about the database that they share.
import { connect } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { exitCodeOf } from '../../rehearse/closing.ts'
import { runName } from '../../rehearse/outcome.ts'
import { folderOf, rehearseWith, type Rehearsed } from '../rehearse/rehearse-folder.ts'

const job = (steps: string): string => `
jobs:
  only:
    runs-on: ubuntu-latest
    environment: production
    permissions: { contents: read, actions: read }
    env: { DATABASE_URL: '\${{ secrets.DATABASE_URL }}', PASSPHRASE: '\${{ secrets.BACKUP_PASSPHRASE }}' }
    defaults: { run: { shell: bash } }
    steps:${steps}`

const files = {
  '.github/workflows/deploy.yml': `
on: { workflow_dispatch: { inputs: { rows: { type: number, required: true } } } }
${job(`
      - run: |
          psql -qv ON_ERROR_STOP=1 "$DATABASE_URL" -c 'create table if not exists product (id int)' \\
            -c "insert into product select generate_series(1, \${{ inputs.rows }})"
          echo "$PASSPHRASE" | sha256sum > passphrase
      - uses: actions/upload-artifact@v6
        with: { name: kept, path: passphrase }`)}
`,
  '.github/workflows/nightly.yml': `
on: { schedule: [{ cron: '1 2 * * *' }, { cron: '3 4 * * *' }] }
${job(`
      - run: |
          echo "\${{ github.event_name }} \${{ github.event.schedule }} \${{ github.ref }}" >> "$GITHUB_STEP_SUMMARY"
          psql -At "$DATABASE_URL" -c "select 'rows: ' || count(*) from product" >> "$GITHUB_STEP_SUMMARY"
          psql -At "$READ_URL" -c 'delete from product' >> "$GITHUB_STEP_SUMMARY" 2>&1 || true
        env: { READ_URL: '\${{ secrets.SMOKE_DATABASE_URL }}' }`)}
`,
  '.github/workflows/restore.yml': `
on: { workflow_dispatch: { inputs: { run: { required: true } } } }
${job(`
      - uses: actions/download-artifact@v7
        with: { name: kept, run-id: '\${{ inputs.run }}', github-token: '\${{ github.token }}' }
      - run: echo "$PASSPHRASE" | sha256sum | cmp - passphrase
      - run: psql -q "$DATABASE_URL" -c 'create database kept'`)}
`,
  '.github/rehearsal.yml': `
database: shop
workflows:
  - { workflow: deploy.yml, inputs: { rows: 2 } }
  - { workflow: nightly.yml, cron: '3 4 * * *' }
  - { workflow: deploy.yml, inputs: { rows: 3 } }
  - { workflow: restore.yml, inputs: { run: '{run of deploy.yml}' } }
`
}

const rehearsed = (...args: readonly string[]): Promise<Rehearsed> => rehearseWith(['--repo', folderOf(files), ...args])

function told({ outcomes }: Rehearsed): readonly string[] {
  return outcomes.map((outcome) => `${runName(outcome)}: ${outcome.verdict}`)
}

/** Whether the server still does. @param server `PostgreSQL 18.4 on 127.0.0.1:23456` */
function listens(server: string): Promise<boolean> {
  const port = Number(/:(\d+)$/.exec(server)?.[1])
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
}

describe('workflows one after the other', () => {
  test('find what the earlier ones left in the database and among artifacts, with the same secrets', async () => {
    const all = await rehearsed()
    expect(told(all)).toEqual([
      'deploy.yml, workflow_dispatch: green',
      'nightly.yml, schedule: green',
      'deploy.yml, workflow_dispatch: green',
      'restore.yml, workflow_dispatch: green'
    ])
    const rows = all.outcomes.map(({ database }) => database?.content.tables.map((table) => table.rows))
    expect(rows).toEqual([[2], [2], [5], [5]])
    expect(all.outcomes.at(-1)?.database?.content.others).toEqual(['kept'])
    expect(all.outcomes.map(({ artifacts }) => artifacts.length)).toEqual([1, 0, 1, 0])
    const [, nightly] = all.outcomes
    const summary = nightly?.jobs.flatMap(({ steps }) => steps.map((step) => step.summary)).join('\n')
    expect(summary).toContain('schedule 3 4 * * * refs/heads/main')
    expect(summary).toContain('rows: 2')
    expect(summary).toContain('permission denied for table product')
    expect(JSON.stringify(all.outcomes)).not.toMatch(/postgresql:\/\/(deployer|reader):\w/)
    expect(await listens(all.outcomes[0]?.database?.server ?? '')).toBe(false)
  }, 240_000)

  test('run as far as the command line names them', async () => {
    const some = await rehearsed('--event', 'schedule')
    expect(told(some)).toEqual(['deploy.yml, workflow_dispatch: green', 'nightly.yml, schedule: green'])
  }, 120_000)

  test('end with the first that is red, and the rest is told as not run', async () => {
    const args = ['--event', 'workflow_dispatch', '--workflow', 'deploy.yml', '--input', 'rows=1']
    const given = await rehearsed(...args, '--secret', 'DATABASE_URL=postgresql://nobody:wrong@127.0.0.1:1/none')
    expect(told(given)).toEqual(['deploy.yml, workflow_dispatch: failed'])
    expect(exitCodeOf(given.outcomes)).toBe(1)
    expect(given.outcome.notRehearsed).toEqual([
      'nightly.yml, schedule: it did not run, as deploy.yml, workflow_dispatch failed before it',
      'deploy.yml, workflow_dispatch: it did not run, as deploy.yml, workflow_dispatch failed before it'
    ])
  }, 120_000)
})
