// What a run leaves behind for people and programs.
import { describe, expect, test } from '@jest/globals'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, type ActionRun } from '../support/run-action.ts'
import {
  configurationFile,
  guardStage,
  harmless,
  migrations,
  outcomeOf,
  repository,
  reviewed,
  second,
  toldBy
} from './guard-stage.ts'

function schema(name: string): ValidateFunction {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8')
  return new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(JSON.parse(text) as object)
}
const receiptSchema = schema('receipt.schema.json')
const findingsSchema = schema('migration-findings.schema.json')

/** What stands in a file of the job's temporary folder, which `everything` has. */
function json(run: ActionRun, output: string): Record<string, unknown> {
  return JSON.parse(readFileSync(run.outputs[output] ?? '', 'utf8')) as Record<string, unknown>
}

function expectValid(run: ActionRun): void {
  receiptSchema(run.receipt)
  expect(receiptSchema.errors ?? []).toEqual([])
  findingsSchema(json(run, 'findings'))
  expect(findingsSchema.errors ?? []).toEqual([])
}

interface Sarif {
  readonly version: string
  readonly runs: readonly [
    {
      readonly results: readonly {
        readonly ruleId: string
        readonly level: string
        readonly locations: readonly [
          {
            readonly physicalLocation: {
              readonly artifactLocation: { readonly uri: string }
              readonly region: Readonly<Record<string, number>>
            }
          }
        ]
      }[]
    }
  ]
}

const unsafe = {
  [second]:
    "CREATE TABLE notes (id bigint PRIMARY KEY);\n\n  DROP TABLE orders; -- it is gone\nSELECT 'ü'; DROP TABLE notes_old;\n"
}

describe('a run that finds something', () => {
  test('says where, in annotations, JSON and SARIF alike', async () => {
    const stage = await guardStage({ change: unsafe })
    const run = await stage.run()
    expect(run.outputs).toMatchObject({ status: 'failed', errors: '3', bypassed: 'false' })
    expectValid(run)
    const places = run.annotations
      .filter(({ properties }) => properties['title'] === 'drop-table')
      .map(({ properties: { file, line, col, endLine } }) => ({ file, line, col, endLine }))
    expect(places).toEqual([
      { file: second, line: '3', col: '3', endLine: '3' },
      { file: second, line: '4', col: '13', endLine: '4' }
    ])
    const sarif = json(run, 'sarif') as unknown as Sarif
    expect(sarif.version).toBe('2.1.0')
    const dropped = sarif.runs[0].results.filter(({ ruleId }) => ruleId === 'drop-table')
    expect(dropped.map(({ locations: [{ physicalLocation }] }) => physicalLocation)).toMatchObject([
      { artifactLocation: { uri: second }, region: { startLine: 3, startColumn: 3 } },
      { artifactLocation: { uri: second }, region: { startLine: 4, startColumn: 13 } }
    ])
    expect(json(run, 'findings')).toMatchObject({ status: 'failed', counts: { error: 3 } })
    expect(run.receipt).toMatchObject({
      action: 'migration-guard',
      status: 'failed',
      targets: [{ kind: 'migrations', name: `${stage.base} to ${stage.head}`, status: 'failed' }]
    })
  })

  test('writes SARIF where it is asked to', async () => {
    const stage = await guardStage({ change: unsafe })
    const workspace = temporaryFolder('workspace')
    const run = await stage.run({ workspace, inputs: { sarif: 'reports/guard.sarif' } })
    expect(run.outputs['sarif']).toBe(join(workspace, 'reports', 'guard.sarif'))
    expect(existsSync(join(workspace, 'reports', 'guard.sarif'))).toBe(true)
  })
})

test('a run that passes leaves valid files, too', async () => {
  const stage = await guardStage({ base: { [configurationFile]: null }, change: harmless })
  const run = await stage.run()
  expect(outcomeOf(run)).toEqual({ exitCode: 0, status: 'passed', told: [] })
  expect(run.outputs).toMatchObject({ errors: '0', warnings: '0', bypassed: 'false' })
  expectValid(run)
})

test('a run that could not judge has a valid receipt, and no counts', async () => {
  const run = await (await guardStage()).run({ inputs: { 'github-token': '' } })
  receiptSchema(run.receipt)
  expect(receiptSchema.errors ?? []).toEqual([])
  expect(Object.keys(run.outputs).toSorted()).toEqual(['receipt', 'status'])
  expect(run.summary).toContain('of an earlier run, and holds for the state that it names only')
})

test('five hundred findings: ten annotations of a kind, a summary that GitHub takes, a comment that it takes', async () => {
  const change = Object.fromEntries(
    Array.from({ length: 50 }, (_, n) => [
      `${migrations}/202601${String(10 + Math.floor(n / 24)).padStart(2, '0')}${String(n % 24).padStart(2, '0')}0000_n${n}/migration.sql`,
      Array.from({ length: 10 }, (__, m) => `DROP TABLE gone_${n}_${m};\n`).join('')
    ])
  )
  const stage = await guardStage({ base: { [configurationFile]: 'fail-on: error\n' }, change })
  const run = await stage.run({ workspace: stage.history.clone().folder })
  expect(run.outputs['errors']).toBe('500')
  for (const kind of ['error', 'warning', 'notice']) {
    expect(run.annotations.filter((each) => each.kind === kind).length).toBeLessThanOrEqual(10)
  }
  expect(toldBy(run)).toContain('error more-problems')
  expect(Buffer.byteLength(run.summary)).toBeLessThanOrEqual(1024 * 1024)
  expect(run.summary).toContain('gone_49_9'.replaceAll('_', '\\_'))
  const [comment = ''] = stage.comments()
  expect(comment.length).toBeGreaterThan(1000)
  expect(comment.length).toBeLessThanOrEqual(65_536)
  expect((json(run, 'findings')['findings'] as readonly unknown[]).length).toBeGreaterThanOrEqual(500)
  expectValid(run)
}, 60_000)

test('one comment follows the pull request: from bad to worse, and until all is well', async () => {
  const stage = await guardStage({ base: { [configurationFile]: `${reviewed}after-review: status\n` }, change: unsafe })
  const { github } = stage.sandbox
  await stage.run()
  expect(stage.comments()).toEqual([expect.stringContaining('3 errors')])
  await stage.run()
  expect(stage.comments()).toHaveLength(1)
  expect(stage.writes().filter((write) => write.includes('/issues/'))).toHaveLength(1)

  stage.pass(60)
  github.commitFiles(repository, 'topic', { [second]: 'DROP TABLE orders;\n' }, { by: 'dora' })
  await stage.run()
  expect(stage.comments()).toEqual([expect.stringContaining('2 errors')])

  stage.pass(60)
  github.commitFiles(repository, 'topic', harmless, { by: 'dora' })
  github.addReview(repository, 1, { user: 'maria', state: 'APPROVED' })
  const run = await stage.run()
  expect(outcomeOf(run)).toEqual({ exitCode: 0, status: 'passed', told: [] })
  expect(stage.comments()).toEqual([expect.stringContaining('✅ migration-guard: passed')])
  expect(stage.statuses().map((status) => status.split(':')[0])).toEqual(['failure', 'failure', 'success'])
  await stage.run()
  expect(stage.comments()).toHaveLength(1)
  expect(stage.statuses()).toHaveLength(3)
})
