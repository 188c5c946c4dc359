import { expect, test } from '@jest/globals'
import { readConfiguration } from '../../actions/migration-guard/configuration-file.ts'
import { treeOf } from '../../actions/migration-guard/git-tree.ts'
import { readInputs, type Demands } from '../../actions/migration-guard/inputs.ts'
import { tighten } from '../../actions/migration-guard/tighten.ts'
import type { Configuration } from '../../actions/migration-guard/configuration.ts'
import { createInputReader } from '../../actions/shared/inputs.ts'
import { readRunContext } from '../../actions/shared/run-context.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'

async function configured(yaml: string | undefined): Promise<Configuration> {
  const path = '.github/migration-guard.yml'
  const files = new Map(yaml === undefined ? [] : [[path, { path, blob: 'x', mode: '100644' }]])
  const read = await readConfiguration(
    treeOf('a commit', files, () => Promise.resolve(Buffer.from(yaml ?? ''))),
    path
  )
  if ('problems' in read) throw new Error(read.problems[0]?.message)
  return read.configuration
}

const base = 'fail-on: error\ncomment: true\nlint: { profile: default, postgres: 16 }'

/** Which inputs have an effect on that configuration. */
const table: readonly (readonly [demands: Demands, works: boolean])[] = [
  [{ failOn: 'warning' }, true],
  [{ failOn: 'never' }, false],
  [{ profile: 'strict' }, true],
  [{ profile: 'calm' }, false],
  [{ lint: false }, false],
  [{ lint: true }, true],
  [{ postgres: 14 }, true],
  [{ postgres: 18 }, false],
  [{ comment: false }, true]
]

function shown({ failOn, comment, lint }: Configuration): Demands {
  return { failOn, comment, lint: lint.enabled, profile: lint.profile, postgres: lint.postgres }
}

test.each(table)('over a configuration, %j works: %s; in vain, it is told', async (demands, works) => {
  const configuration = await configured(base)
  const { configuration: tightened, notes } = tighten(configuration, demands)
  expect(shown(tightened)).toEqual(works ? { ...shown(configuration), ...demands } : shown(configuration))
  expect(notes).toHaveLength(works ? 0 : 1)
  for (const note of notes) expect(note).toContain('inputs only tighten it')
})

test('an input switches on what the configuration has switched off', async () => {
  const { configuration } = tighten(await configured('lint: false\nfail-on: never'), { lint: true, failOn: 'error' })
  expect(shown(configuration)).toMatchObject({ lint: true, failOn: 'error' })
})

test.each(table)('without a configuration %j holds as it is', async (demands) => {
  const { configuration, notes } = tighten(await configured(undefined), demands)
  expect(shown(configuration)).toMatchObject(demands)
  expect(notes).toEqual([])
})

function inputs(env: Readonly<Record<string, string>>): {
  readonly inputs: ReturnType<typeof readInputs>
  readonly codes: readonly string[]
  readonly masked: readonly string[]
} {
  const masked: string[] = []
  const secrets = createSecrets((value) => masked.push(value))
  const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
  const reader = createInputReader(given, secrets)
  const read = readInputs(reader, readRunContext({ GITHUB_WORKSPACE: '/work/space', RUNNER_TEMP: '/runner/temp' }))
  return { inputs: read, codes: reader.problems.map(({ code }) => code), masked }
}

test('nothing given is nothing demanded', () => {
  expect(inputs({})).toMatchObject({
    codes: [],
    inputs: {
      demands: {},
      config: '.github/migration-guard.yml',
      base: undefined,
      folder: '/work/space',
      sarif: '/runner/temp/migration-guard.sarif',
      dryRun: false,
      tokens: { github: undefined, source: undefined, team: undefined }
    }
  })
})

test('every input is read, and every token masked', () => {
  const read = inputs({
    'github-token': 'ghs_aaaaaaaa',
    'source-token': 'ghs_bbbbbbbb',
    'team-token': 'ghs_cccccccc',
    config: './config/guard.yml',
    base: 'release/1',
    path: 'checkout/',
    'fail-on': 'warning',
    profile: 'strict',
    lint: 'false',
    postgres: '16',
    comment: 'false',
    sarif: 'out.sarif',
    'dry-run': 'true'
  })
  expect(read.codes).toEqual([])
  expect(read.inputs).toMatchObject({
    tokens: { github: 'ghs_aaaaaaaa', source: 'ghs_bbbbbbbb', team: 'ghs_cccccccc' },
    config: 'config/guard.yml',
    base: 'release/1',
    folder: '/work/space/checkout',
    shownFolder: 'checkout',
    demands: { failOn: 'warning', profile: 'strict', lint: false, postgres: 16, comment: false },
    sarif: '/work/space/out.sarif',
    dryRun: true
  })
  expect(read.masked).toEqual(expect.arrayContaining(['ghs_aaaaaaaa', 'ghs_bbbbbbbb', 'ghs_cccccccc']))
})

test.each([
  ['config', '../guard.yml', 'guard-input'],
  ['config', '/etc/guard.yml', 'guard-input'],
  ['config', 'a\\b.yml', 'guard-input'],
  ['base', '--upload-pack=x', 'guard-input'],
  ['base', 'a..b', 'guard-input'],
  ['base', 'a b', 'guard-input'],
  ['postgres', '9.6', 'guard-input'],
  ['postgres', '9', 'guard-input'],
  ['postgres', 'latest', 'guard-input'],
  ['fail-on', 'notice', 'input-not-a-choice'],
  ['profile', 'quiet', 'input-not-a-choice'],
  ['lint', 'maybe', 'input-not-boolean'],
  ['github-token', 'abc', 'secret-too-short']
])('input %s: %s is refused', (name, value, code) => {
  expect(inputs({ [name]: value }).codes).toEqual([code])
})
