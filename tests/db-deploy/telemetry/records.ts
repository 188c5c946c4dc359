import type { Learned, RunRecord, Stage } from '../../../actions/db-deploy/record.ts'
import type { MigrationState, MigrationStatus } from '../../../actions/db-deploy/state/migration-state.ts'

/** When the runs of these tests begin: 2026-11-21T14:03:20Z. */
export const began = Date.UTC(2026, 10, 21, 14, 3, 20)

/** What differs from a deploy that went well. `unread`: the table was not read again after the migrations. */
type Differences = Partial<Omit<RunRecord, 'learned'>> & { readonly learned?: Learned; readonly unread?: true }

/** A deploy of two migrations that went well, with whatever differs from it. */
export function recordOf(differs: Differences = {}): RunRecord {
  const { learned = {}, unread = false, ...rest } = differs
  return {
    command: 'deploy',
    status: 'published',
    cancelled: false,
    context: {
      ref: 'refs/heads/main',
      sha: '0123456789abcdef0123456789abcdef01234567',
      repository: 'acme/shop',
      eventName: 'workflow_dispatch',
      eventPath: undefined,
      actor: 'octocat',
      workflowRef: 'acme/shop/.github/workflows/db-deploy.yml@refs/heads/main',
      apiUrl: 'https://api.github.com',
      graphqlUrl: 'https://api.github.com/graphql',
      serverUrl: 'https://github.com',
      runId: '4711',
      runUrl: 'https://github.com/acme/shop/actions/runs/4711',
      workspace: '/work',
      temp: '/tmp',
      identity: undefined
    },
    environment: 'production',
    production: true,
    startedAt: began,
    finishedAt: began + 12_400,
    stages: [
      stage('preflight', 'Preflight', 0, 400, 'ok', '18 checks'),
      stage('backup', 'Verified backup', 400, 5_000, 'ok', '12.4 MiB'),
      stage('migrate', 'Migrations', 5_000, 11_000, 'ok', '2 applied'),
      stage('smoke', 'Smoke test', 11_000, 12_400, 'ok', '2 models')
    ],
    problems: [],
    ...rest,
    learned: {
      database: {
        server: 'PostgreSQL 18.4',
        version: 180004,
        name: 'shop',
        host: 'db.example.org:5432',
        role: 'deployer',
        size: 52_428_800,
        tls: 'TLSv1.3'
      },
      tool: { framework: 'prisma', label: 'prisma 7.10.1', version: '7.10.1', atomic: false },
      before: stateOf([
        ['20260101000000_init', 'applied'],
        [first, 'pending'],
        [second, 'pending']
      ]),
      ...(unread
        ? {}
        : {
            after: stateOf([
              ['20260101000000_init', 'applied'],
              [first, 'applied'],
              [second, 'applied']
            ])
          }),
      ran: [
        { name: first, result: 'applied', startedAt: began + 5_200, took: 1_800, statements: 3 },
        { name: second, result: 'applied', startedAt: began + 7_100, took: 3_700, statements: 1 }
      ],
      ...learned
    }
  }
}

export const first = '20261120090000_add_orders'
export const second = '20261121090000_index_orders'

export function stateOf(
  migrations: readonly (readonly [string, MigrationStatus['status'], ...MigrationStatus['marks']])[]
): MigrationState {
  return {
    framework: 'prisma',
    folders: ['prisma/migrations'],
    table: '"public"."_prisma_migrations"',
    migrations: migrations.map(([name, status, ...marks]) => ({
      name,
      version: /^\d+/.exec(name)?.[0] ?? '',
      path: status === 'missing' ? undefined : `prisma/migrations/${name}/migration.sql`,
      status,
      marks
    })),
    current: migrations.findLast(([, status]) => status === 'applied')?.[0],
    notChecked: []
  }
}

/** @param from milliseconds after the run began */
export function stage(
  name: string,
  title: string,
  from: number,
  to: number,
  result: Stage['result'] = 'ok',
  note = ''
): Stage {
  return { name, title, startedAt: began + from, finishedAt: began + to, result, note }
}
