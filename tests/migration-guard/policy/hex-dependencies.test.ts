import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { proveHexDependencies } from '../../../actions/migration-guard/policy/hex-dependencies.ts'
import { consumerMixExs, lockedEntry, lockOf, writeConsumer, type Consumer } from '../../support/hex-consumer.ts'
import { temporaryFolder } from '../../support/run-action.ts'
import { treeOf, type Files } from '../../support/trees.ts'
import { judge, now } from './judged-change.ts'

const folder = 'priv/repo/migrations'
const asked = { name: 'diwa_schema', folder }
const fromHex: Files = { 'mix.exs': consumerMixExs(), 'mix.lock': lockOf(lockedEntry()) }
const fromPath: Files = {
  ...fromHex,
  'mix.exs': consumerMixExs('{:diwa_schema, path: "../diwa_schema"}'),
  'mix.lock': '%{}\n'
}

async function findings(head: Files, checkout?: Consumer, projects: readonly string[] = ['.']) {
  const configuration = { hexDependencies: [asked], mixProjects: projects }
  let place: string | undefined
  if (checkout !== undefined) {
    place = join(temporaryFolder('checkout'), 'shop')
    writeConsumer(place, checkout)
  }
  const hexProofs = await proveHexDependencies(treeOf(head), configuration, { checkout: place, now })
  const result = await judge({ base: head, head }, { configuration, hexProofs })
  return {
    ...result,
    told: result.findings.map(
      ({ level, rule, file = '-', span }) => `${level} ${rule} ${file}:${String(span?.start.line ?? 0)}`
    )
  }
}

describe('without a checkout', () => {
  test('what mix.exs and mix.lock say is enough, and what was not seen is told', async () => {
    const { told, notChecked, checks } = await findings(fromHex)
    expect(told).toEqual([])
    expect(notChecked).toEqual([
      'The files of diwa_schema and its folder priv/repo/migrations: deps is not there. A job that runs `mix deps.get` before the guard lets it look.',
      'Whether Mix itself takes diwa_schema from Hex: the guard runs no code of the change.'
    ])
    expect(checks.find(({ name }) => name === 'Dependencies from Hex')).toEqual({
      name: 'Dependencies from Hex',
      state: 'passed',
      detail: '1 dependency read in mix.exs and mix.lock: diwa_schema 0.1.0'
    })
  })

  test.each<[string, Files, string[]]>([
    ['from a path', fromPath, ['error path-dependency mix.exs:15']],
    [
      'from git',
      { ...fromHex, 'mix.exs': consumerMixExs('{:diwa_schema, git: "https://github.com/acme/diwa_schema"}') },
      ['error path-dependency mix.exs:15']
    ],
    ['not locked', { ...fromHex, 'mix.lock': '%{}\n' }, ['error path-dependency mix.lock:0']],
    [
      'not named at all',
      { ...fromHex, 'mix.exs': consumerMixExs('{:ecto_sql, "~> 3.0"}') },
      ['error path-dependency mix.exs:0']
    ]
  ])('%s it fails', async (_, head, expected) => {
    expect((await findings(head)).told).toEqual(expected)
  })

  test('a mix.exs that cannot be read fails, and no bypass silences it', async () => {
    const { unread } = await findings({ ...fromHex, 'mix.lock': '<<<<<<< HEAD\n' })
    expect(unread.map(({ rule, level }) => [rule, level])).toContainEqual(['path-dependency', 'error'])
  })

  test('of two projects only the one that names it is asked', async () => {
    const head = {
      'core/mix.exs': fromHex['mix.exs'] ?? '',
      'core/mix.lock': fromHex['mix.lock'] ?? '',
      'web/mix.exs': consumerMixExs('{:plug, "~> 1.0"}'),
      'web/mix.lock': '%{}\n'
    }
    expect((await findings(head, undefined, ['core', 'web'])).told).toEqual([])
  })
})

describe('with a checkout that has deps', () => {
  test('the unpacked files are looked at', async () => {
    const { told, notChecked } = await findings(fromHex, {})
    expect(told).toEqual([])
    expect(notChecked).toEqual(['Whether Mix itself takes diwa_schema from Hex: the guard runs no code of the change.'])
  })

  test('a package without its migrations is told with what to release', async () => {
    const unpacked = { 'priv/repo/migrations/20260101000000_create_orders.exs': undefined }
    const { told, findings: found } = await findings(fromHex, { unpacked })
    expect(told).toEqual(['error package-folder deps/diwa_schema/priv/repo/migrations:0'])
    expect(found[0]?.hint).toBe(
      'Publish a release of diwa_schema that holds priv/repo/migrations (`files` in its mix.exs), and lock it: `mix deps.update diwa_schema`.'
    )
  })

  test("mix.exs is the head's, whatever is checked out", async () => {
    expect((await findings(fromPath, {})).told).toContain('error path-dependency mix.exs:15')
  })
})
