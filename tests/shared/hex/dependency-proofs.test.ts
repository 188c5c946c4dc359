import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import {
  proveHexDependency,
  type DependencyProof,
  type MixDepsRun,
  type ProofRequest
} from '../../../actions/shared/hex/dependency-proofs.ts'
import { readBypass } from '../../../actions/shared/hex/bypass.ts'
import {
  consumerMixExs,
  innerChecksum,
  lockedEntry,
  lockOf,
  manifestBytes,
  metadataOf,
  outerChecksum,
  writeConsumer,
  type Consumer
} from '../../support/hex-consumer.ts'
import { temporaryFolder } from '../../support/run-action.ts'

let project: string
beforeEach(() => {
  project = join(temporaryFolder('consumer'), 'shop')
})

const today = Date.parse('2026-11-21T12:00:00Z')

async function prove(consumer: Consumer = {}, request: Partial<ProofRequest> = {}): Promise<DependencyProof> {
  writeConsumer(project, consumer)
  return proveAsItIs(request)
}

function proveAsItIs(request: Partial<ProofRequest> = {}): Promise<DependencyProof> {
  return proveHexDependency({
    project,
    shownProject: '.',
    name: 'diwa_schema',
    folder: 'priv/repo/migrations',
    now: today,
    env: {},
    ...request
  })
}

/** What `mix deps` prints for it. */
function mixSays(lines: readonly string[], exitCode = 0): { mixDeps: () => Promise<MixDepsRun> } {
  return { mixDeps: () => Promise.resolve({ exitCode, output: lines.join('\n') }) }
}
const mixSaysHex = mixSays([
  '* ecto_sql 3.12.0 (Hex package) (mix)',
  '  locked at 3.12.0 (ecto_sql) 11111111',
  '  ok',
  '* diwa_schema 0.1.0 (Hex package) (mix)',
  '  locked at 0.1.0 (diwa_schema) ccb50730',
  '  ok'
])
const mixSaysPath = mixSays(['* diwa_schema 0.1.0 (../diwa_schema) (mix)', '  ok'])

/** `1 proved`, `4 not available` … */
function states({ proofs }: DependencyProof): readonly string[] {
  return proofs.map(({ number, state }) => `${number} ${state}`)
}

function codes({ problems }: DependencyProof): readonly string[] {
  return problems.map(({ code }) => code)
}

describe('a dependency from Hex', () => {
  test('is proved by files alone, where there is neither Mix nor a network', async () => {
    const proof = await prove()
    expect(states(proof)).toEqual([
      '1 proved',
      '2 proved',
      '3 not available',
      '4 proved',
      '5 proved',
      '6 not available'
    ])
    expect(proof).toMatchObject({ fromHex: true, problems: [], version: '0.1.0', outerChecksum, conditional: false })
  })

  test('shows where each proof was read', async () => {
    const { proofs } = await prove()
    expect(proofs.map(({ file, line }) => [file, line])).toEqual([
      ['mix.lock', 2],
      ['mix.exs', 15],
      [undefined, undefined],
      ['deps/diwa_schema/.hex', undefined],
      ['deps/diwa_schema/priv/repo/migrations', undefined],
      [undefined, undefined]
    ])
  })

  test('is what Mix says too', async () => {
    const proof = await prove({}, mixSaysHex)
    expect(states(proof)[2]).toBe('3 proved')
    expect(proof.fromHex).toBe(true)
  })

  test('comes from the organization that is asked for, and from no other', async () => {
    const consumer: Consumer = {
      mixExs: consumerMixExs('{:diwa_schema, "~> 0.1", organization: "acme"}'),
      mixLock: lockOf(lockedEntry({ repository: 'hexpm:acme' })),
      unpacked: { '.hex': manifestBytes({ repository: 'hexpm:acme' }) }
    }
    expect(await prove(consumer, { organization: 'acme' })).toMatchObject({ fromHex: true, problems: [] })
    const other = await prove(consumer)
    expect(states(other).slice(0, 2)).toEqual(['1 disproved', '2 disproved'])
    expect(codes(other)).toEqual(['dependency-not-from-hex', 'dependency-not-from-hex'])
  })

  test('may have another name on Hex', async () => {
    const consumer: Consumer = {
      mixExs: consumerMixExs('{:diwa_schema, "~> 0.1", hex: :diwa}'),
      mixLock: lockOf(lockedEntry({ package: 'diwa' })),
      unpacked: {
        '.hex': manifestBytes({ package: 'diwa' }),
        'hex_metadata.config': metadataOf('0.1.0').replace('name">>,<<"diwa_schema', 'name">>,<<"diwa')
      }
    }
    expect(await prove(consumer)).toMatchObject({ fromHex: true, problems: [] })
  })

  test('is followed to the lock and the deps folder of an umbrella, from the root and from the application', async () => {
    writeConsumer(project)
    mkdirSync(join(project, 'apps', 'web'), { recursive: true })
    const member = consumerMixExs().replace(
      'deps: deps()',
      'deps: deps(), deps_path: "../../deps", lockfile: "../../mix.lock"'
    )
    writeFileSync(join(project, 'apps', 'web', 'mix.exs'), member)
    writeFileSync(
      join(project, 'mix.exs'),
      'defmodule U do\n  def project, do: [apps_path: "apps", version: "1.0.0", deps: []]\nend\n'
    )
    const fromRoot = await proveAsItIs()
    expect(fromRoot).toMatchObject({ fromHex: true })
    expect(fromRoot.proofs[1]?.file).toBe('apps/web/mix.exs')
    const fromMember = await proveAsItIs({ project: join(project, 'apps', 'web'), shownProject: 'apps/web' })
    expect(fromMember).toMatchObject({ fromHex: true })
    expect(fromMember.proofs[3]?.file).toBe('deps/diwa_schema/.hex')
  })

  test('is looked for where MIX_DEPS_PATH says', async () => {
    writeConsumer(project)
    renameSync(join(project, 'deps'), join(project, 'elsewhere'))
    expect(codes(await proveAsItIs())).toEqual(['dependency-not-proved'])
    expect(await proveAsItIs({ env: { MIX_DEPS_PATH: 'elsewhere' } })).toMatchObject({ fromHex: true })
  })
})

describe('a dependency by path', () => {
  test('is told apart although the lock still has its old entry, and deps its old folder', async () => {
    const proof = await prove({ mixExs: consumerMixExs('{:diwa_schema, path: "../diwa_schema"}') })
    expect(states(proof)).toEqual([
      '1 proved',
      '2 disproved',
      '3 not available',
      '4 proved',
      '5 proved',
      '6 not available'
    ])
    expect(proof.fromHex).toBe(false)
    expect(proof.problems).toMatchObject([{ code: 'dependency-not-from-hex', file: 'mix.exs', line: 15 }])
  })

  test.each([
    ['with a requirement beside it', '{:diwa_schema, "~> 0.1", path: "../diwa_schema"}'],
    ['with a name on Hex beside it', '{:diwa_schema, path: "../diwa_schema", hex: :diwa_schema}'],
    ['of an umbrella', '{:diwa_schema, in_umbrella: true}'],
    ['in git', '{:diwa_schema, git: "https://example.com/diwa.git"}'],
    ['on GitHub', '{:diwa_schema, "~> 0.1", github: "acme/diwa"}']
  ])('is told apart %s', async (_, definition) => {
    const proof = await prove({ mixExs: consumerMixExs(definition) })
    expect(states(proof)[1]).toBe('2 disproved')
  })

  test('has no entry in the lock and no folder in deps when it never came from Hex', async () => {
    const proof = await prove({
      mixExs: consumerMixExs('{:diwa_schema, path: "../diwa_schema"}'),
      mixLock: lockOf(),
      fetched: false
    })
    expect(states(proof)).toEqual([
      '1 disproved',
      '2 disproved',
      '3 not available',
      '4 not available',
      '5 not available',
      '6 not available'
    ])
    expect(proof).toMatchObject({ version: undefined, outerChecksum: undefined })
  })

  test('is told apart by Mix even where mix.exs looks well', async () => {
    const proof = await prove({}, mixSaysPath)
    expect(states(proof)[2]).toBe('3 disproved')
    expect(proof.problems).toMatchObject([{ code: 'dependency-not-from-hex' }])
    expect(proof.problems[0]?.message).toContain('../diwa_schema')
  })
})

test('a dependency that one application of an umbrella takes by path, and another from Hex, is not one of Hex', async () => {
  const proof = await prove(
    {},
    mixSays([
      '* diwa_schema 0.1.0 (Hex package) (mix)',
      '  locked at 0.1.0 (diwa_schema) ccb50730',
      '==> web',
      '* diwa_schema 0.1.0 (../diwa_schema) (mix)',
      '  ok',
      '* diwa_schema 0.1.0 (Hex package) (mix)',
      '  locked at 0.1.0 (diwa_schema) ccb50730'
    ])
  )
  expect(states(proof)[2]).toBe('3 disproved')
})

describe('a definition that only running mix.exs tells', () => {
  const conditional = consumerMixExs(
    'if(System.get_env("LOCAL"), do: {:diwa_schema, path: "../d"}, else: {:diwa_schema, "~> 0.1"})'
  )

  test('is not proved without Mix', async () => {
    const proof = await prove({ mixExs: conditional })
    expect(proof).toMatchObject({ conditional: true, fromHex: false })
    expect(states(proof)[1]).toBe('2 not available')
    expect(codes(proof)).toEqual(['dependency-not-proved'])
  })

  test('is what Mix says it is', async () => {
    const hex = await prove({ mixExs: conditional }, mixSaysHex)
    expect(states(hex).slice(1, 3)).toEqual(['2 proved', '3 proved'])
    expect(hex).toMatchObject({ conditional: true, fromHex: true })
    const path = await prove({ mixExs: conditional }, mixSaysPath)
    expect(states(path).slice(1, 3)).toEqual(['2 disproved', '3 disproved'])
  })

  test('stays unproved where Mix cannot run', async () => {
    const proof = await prove(
      { mixExs: conditional },
      mixSays(['Could not find Hex, which is needed to build dependency'], 1)
    )
    expect(states(proof).slice(1, 3)).toEqual(['2 not available', '3 not available'])
    expect(proof.proofs[2]?.detail).toContain('Could not find Hex')
  })

  test('is conditional when another definition stands where nobody is seen to use it', async () => {
    const mixExs = consumerMixExs().replace(
      'defp deps do',
      'def local, do: {:diwa_schema, path: "../d"}\n\n  defp deps do'
    )
    expect(await prove({ mixExs })).toMatchObject({ conditional: true, fromHex: false })
    expect(await prove({ mixExs }, mixSaysHex)).toMatchObject({ conditional: true, fromHex: true })
  })

  test.each([
    [
      'joined with more',
      consumerMixExs().replace(
        '    ]\n  end\n\n  defp deps',
        '    ] ++ docs()\n  end\n\n  defp docs, do: []\n\n  defp deps'
      )
    ],
    ['with a variable', consumerMixExs().replace('def project do', 'def project do\n    version = "1.0.0"')],
    [
      'piped on',
      consumerMixExs().replace('    ]\n  end\n\n  defp deps', '    ] |> Keyword.merge(x())\n  end\n\n  defp deps')
    ],
    ['beside another module', `${consumerMixExs()}${consumerMixExs().replace('Shop', 'Other')}`],
    [
      'with a lock file at a computed place',
      consumerMixExs().replace('deps: deps()', 'deps: deps(), lockfile: Path.expand("mix.lock", __DIR__)')
    ],
    [
      'with its dependencies at a computed place',
      consumerMixExs().replace('deps: deps()', 'deps: deps(), deps_path: System.get_env("X") || "deps"')
    ]
  ])('is proved by Mix, and only by Mix, in a project %s', async (_, mixExs) => {
    expect(await prove({ mixExs }, mixSaysHex)).toMatchObject({ conditional: true, fromHex: true })
    const alone = await prove({ mixExs })
    expect(states(alone)[1]).toBe('2 not available')
    expect(codes(alone)).toEqual(['dependency-not-proved'])
    const elsewhere = await prove({ mixExs }, mixSaysPath)
    expect(states(elsewhere)[1]).toBe('2 disproved')
  })

  test('is what Mix says where the file seems to say a path', async () => {
    const mixExs = `${consumerMixExs()}${consumerMixExs('{:diwa_schema, path: "../d"}').replace('Shop', 'Other')}`
    expect(await prove({ mixExs }, mixSaysHex)).toMatchObject({ fromHex: true })
    expect(states(await prove({ mixExs }))[1]).toBe('2 disproved')
  })

  test('is conditional when anything computed may change the list', async () => {
    const mixExs = consumerMixExs().replace('deps: deps()', 'deps: Enum.map(deps(), &local/1)')
    expect(await prove({ mixExs })).toMatchObject({ conditional: true, fromHex: false })
  })
})

describe('what Mix says', () => {
  const says = (status: string): ReturnType<typeof mixSays> =>
    mixSays([
      '\u001b[0m* diwa_schema 0.1.0 (Hex package) (mix)\u001b[0m',
      '  locked at 0.1.0 (diwa_schema) ccb50730',
      `  ${status}`
    ])

  test.each([
    ['ok', 'proved'],
    ['the dependency build is outdated, please run "mix deps.compile"', 'proved'],
    ['lock mismatch: the dependency is out of date. To fetch locked version run "mix deps.get"', 'disproved'],
    ['the dependency diwa_schema in mix.exs is overriding a child dependency:', 'disproved'],
    ['the dependency is not available, run "mix deps.get"', 'not available']
  ])('with "%s" is %s', async (status, state) => {
    expect(states(await prove({}, says(status)))[2]).toBe(`3 ${state}`)
  })

  test('of two sources counts where one is not Hex, whatever is locked', async () => {
    const twice = mixSays([
      '* diwa_schema 0.1.0 (Hex package) (mix)',
      '  ok',
      '* diwa_schema 0.1.0 (../diwa_schema) (mix)',
      '  ok'
    ])
    expect((await prove({ mixLock: lockOf() }, twice)).proofs[2]?.detail).toContain('from ../diwa_schema')
  })

  test('must be the release that is locked', async () => {
    const proof = await prove(
      {},
      mixSays(['* diwa_schema 0.1.0 (Hex package) (mix)', '  locked at 0.1.0 (diwa_schema) 00000000', '  ok'])
    )
    expect(codes(proof)).toEqual(['dependency-stale'])
  })
})

describe('which mix.exs counts', () => {
  test('is said by MIX_EXS', async () => {
    writeConsumer(project)
    writeFileSync(join(project, 'other.exs'), consumerMixExs('{:diwa_schema, path: "../diwa_schema"}'))
    const proof = await proveAsItIs({ env: { MIX_EXS: 'other.exs' } })
    expect(proof.problems).toMatchObject([{ code: 'dependency-not-from-hex', file: 'other.exs' }])
  })

  test.each([
    ['that are links', 'apps_path: "apps", ', 'disproved'],
    ['at a computed place', 'apps_path: Path.join(".", "apps"), ', 'not available']
  ])('are those of applications %s too', async (_, setting, state) => {
    writeConsumer(project, { mixExs: consumerMixExs().replace('deps: deps()', `${setting}deps: deps()`) })
    mkdirSync(join(project, 'apps'))
    mkdirSync(join(project, 'web'))
    writeFileSync(join(project, 'web/mix.exs'), consumerMixExs('{:diwa_schema, path: "../d", override: true}'))
    symlinkSync('../web', join(project, 'apps/web'))
    expect(states(await proveAsItIs())[1]).toBe(`2 ${state}`)
  })

  test('must all be readable', async () => {
    writeConsumer(project, { mixExs: consumerMixExs().replace('deps: deps()', 'apps_path: "apps", deps: deps()') })
    mkdirSync(join(project, 'apps/web'), { recursive: true })
    writeFileSync(join(project, 'apps/web/mix.exs'), 'defmodule Web do\n')
    const proof = await proveAsItIs()
    expect(proof.fromHex).toBe(false)
    expect(codes(proof)).toEqual(['mix-exs-unreadable'])
  })

  test('is none where it is a link to itself, or its name is too long', async () => {
    writeConsumer(project, { mixExs: undefined })
    symlinkSync('mix.exs', join(project, 'mix.exs'))
    expect(codes(await proveAsItIs())).toEqual(['dependency-not-proved'])
    expect(codes(await proveAsItIs({ env: { MIX_EXS: 'x'.repeat(5000), MIX_DEPS_PATH: 'y'.repeat(5000) } }))).toContain(
      'dependency-not-proved'
    )
  })
})

test('a dependency that builds for prod do not have is told', async () => {
  const proof = await prove({ mixExs: consumerMixExs('{:diwa_schema, "~> 0.1", only: [:dev, :test]}') })
  expect(proof.fromHex).toBe(true)
  expect(proof.warnings).toMatchObject([{ code: 'dependency-environment', file: 'mix.exs', line: 15 }])
  const inProd = await prove({ mixExs: consumerMixExs('{:diwa_schema, "~> 0.1", only: [:prod, :test]}') })
  expect(inProd.warnings).toEqual([])
})

describe('the lock', () => {
  test.each([
    [
      'git',
      '"diwa_schema": {:git, "https://example.com/d.git", "abc", [branch: "main"]}',
      'dependency-not-from-hex',
      'disproved'
    ],
    ['another version', lockedEntry({ version: '0.1.1' }), 'dependency-other-version', 'disproved'],
    ['another package', lockedEntry({ package: 'other' }), 'dependency-stale', 'disproved'],
    ['no version', lockedEntry({ version: '0.1' }), 'mix-lock-unreadable', 'disproved'],
    ['a checksum in capitals', lockedEntry({ outer: outerChecksum.toUpperCase() }), 'mix-lock-unreadable', 'disproved'],
    [
      'no outer checksum',
      `"diwa_schema": {:hex, :diwa_schema, "0.1.0", "${innerChecksum}", [:mix], [], "hexpm"}`,
      'dependency-not-proved',
      'not available'
    ],
    ['no checksum at all', '"diwa_schema": {:hex, :diwa_schema, "0.1.0"}', 'dependency-not-proved', 'not available']
  ])('that holds %s proves nothing', async (_, entry, code, state) => {
    const proof = await prove({ mixLock: lockOf(entry) }, { version: '0.1.0' })
    expect(states(proof)[0]).toBe(`1 ${state}`)
    expect(codes(proof)[0]).toBe(code)
    expect(proof.fromHex).toBe(false)
  })

  test('that does not meet mix.exs is stale', async () => {
    const proof = await prove({ mixExs: consumerMixExs('{:diwa_schema, "~> 0.2"}') })
    expect(states(proof)[1]).toBe('2 disproved')
    expect(codes(proof)).toEqual(['dependency-stale'])
  })

  test('with a merge conflict is told with its lines', async () => {
    const proof = await prove({ mixLock: `%{\n<<<<<<< HEAD\n  ${lockedEntry()},\n=======\n>>>>>>> main\n}\n` })
    expect(proof.problems.filter(({ code }) => code === 'mix-lock-conflict').map(({ line }) => line)).toEqual([2, 4, 5])
    expect(proof.fromHex).toBe(false)
  })

  test('must be there', async () => {
    expect(codes(await prove({ mixLock: undefined }))).toEqual(['dependency-not-proved'])
  })
})

describe('mix.exs', () => {
  test('must name the dependency itself', async () => {
    const proof = await prove({ mixExs: consumerMixExs('{:ecto_sql, "~> 3.0"}') })
    expect(states(proof)[1]).toBe('2 not available')
    expect(proof.problems).toMatchObject([{ code: 'dependency-not-proved', file: 'mix.exs' }])
  })

  test('must say which versions', async () => {
    expect(codes(await prove({ mixExs: consumerMixExs('{:diwa_schema, []}') }))).toEqual(['dependency-requirement'])
    expect(codes(await prove({ mixExs: consumerMixExs('{:diwa_schema, "^0.1"}') }))).toEqual(['dependency-requirement'])
  })

  test('must be there, and be Elixir', async () => {
    expect(codes(await prove({ mixExs: undefined }))).toContain('dependency-not-proved')
    const broken = await prove({ mixExs: 'defmodule Shop do\n  "open\nend\n' })
    expect(broken.problems[0]).toMatchObject({ code: 'mix-exs-unreadable', file: 'mix.exs', line: 2 })
    expect(broken.fromHex).toBe(false)
  })
})

describe('deps', () => {
  test.each([
    ['version', { version: '0.0.9' }],
    ['outer checksum', { outer: 'b'.repeat(64) }],
    ['inner checksum', { inner: 'b'.repeat(64) }],
    ['repository', { repository: 'hexpm:other' }]
  ])('with another %s than is locked is stale', async (_, fields) => {
    const proof = await prove({ unpacked: { '.hex': manifestBytes(fields) } })
    expect(states(proof)[3]).toBe('4 disproved')
    expect(codes(proof)).toEqual(['dependency-stale'])
  })

  test('with the manifest of another package is stale', async () => {
    const proof = await prove({ unpacked: { '.hex': manifestBytes({ package: 'other' }) } })
    expect(proof.proofs[3]).toMatchObject({ state: 'disproved', detail: expect.stringContaining('the package other') })
  })

  test('without a manifest of Hex was put there by something else', async () => {
    const proof = await prove({ unpacked: { '.hex': undefined } })
    expect(states(proof)[3]).toBe('4 disproved')
    expect(codes(proof)).toEqual(['dependency-not-from-hex'])
  })

  test('with a manifest that is damaged says why', async () => {
    const proof = await prove({ unpacked: { '.hex': manifestBytes().subarray(0, 40) } })
    expect(proof.proofs[3]).toMatchObject({
      state: 'disproved',
      detail: expect.stringContaining('it ends too early')
    })
  })

  test.each([
    ['is missing', { 'priv/repo/migrations/20260101000000_create_orders.exs': undefined }, 'is missing'],
    [
      'is empty',
      {
        'priv/repo/migrations/20260101000000_create_orders.exs': undefined,
        'priv/repo/migrations/none/.keep': undefined
      },
      'is missing'
    ],
    [
      'is a file',
      { 'priv/repo/migrations/20260101000000_create_orders.exs': undefined, 'priv/repo/migrations': 'text' },
      'is no folder'
    ]
  ])('whose folder of migrations %s proves nothing', async (_, unpacked, fault) => {
    const proof = await prove({ unpacked })
    expect(proof.proofs[4]).toMatchObject({ state: 'disproved', detail: expect.stringContaining(fault) })
    expect(codes(proof)).toEqual(['dependency-files'])
  })

  test('with an empty folder of migrations proves nothing, and none need be asked for', async () => {
    writeConsumer(project)
    const migrations = join(project, 'deps/diwa_schema/priv/repo/migrations')
    rmSync(migrations, { recursive: true })
    mkdirSync(join(migrations, 'deeper'), { recursive: true })
    expect((await proveAsItIs()).proofs[4]?.detail).toContain('has no file in it')
    expect(
      await proveHexDependency({ project, shownProject: '.', name: 'diwa_schema', now: today, env: {} })
    ).toMatchObject({ fromHex: true })
  })

  test.each([
    ['hidden files', { '.gitkeep': 'x', '.formatter.exs': '[]', '.old/1_a.exs': 'x' }, 'has no file in it'],
    ['empty files', { '1_a.exs': '' }, 'has only empty files in it']
  ])('with nothing but %s for migrations proves nothing', async (_, files, fault) => {
    const folder = 'priv/repo/migrations'
    const unpacked = Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]))
    const proof = await prove({ unpacked: { [`${folder}/20260101000000_create_orders.exs`]: undefined, ...unpacked } })
    expect(proof.proofs[4]).toMatchObject({ state: 'disproved', detail: expect.stringContaining(fault) })
  })

  test('with a pipe for a migration proves nothing', async () => {
    writeConsumer(project)
    const migration = join(project, 'deps/diwa_schema/priv/repo/migrations/20260101000000_create_orders.exs')
    rmSync(migration)
    execFileSync('mkfifo', [migration])
    expect((await proveAsItIs()).proofs[4]?.detail).toContain('has no file in it')
  })

  test('with a link to a folder whose name only begins like its own proves nothing', async () => {
    writeConsumer(project)
    mkdirSync(join(project, 'deps/diwa_schema_evil'))
    writeFileSync(join(project, 'deps/diwa_schema_evil/a.exs'), 'evil')
    const migrations = join(project, 'deps/diwa_schema/priv/repo/migrations')
    symlinkSync('../../../../diwa_schema_evil/a.exs', join(migrations, '20260101000001_a.exs'))
    expect((await proveAsItIs()).proofs[4]?.detail).toContain('leads out')
  })

  test('must hold the release that is locked', async () => {
    const proof = await prove({ unpacked: { 'hex_metadata.config': metadataOf('0.2.0') } })
    expect(proof.proofs[4]).toMatchObject({ state: 'disproved', detail: expect.stringContaining('0.2.0') })
  })

  test.each(['deps/diwa_schema', 'deps/diwa_schema/priv', 'deps/diwa_schema/priv/repo/migrations'])(
    'with a symbolic link at %s proves nothing',
    async (path) => {
      writeConsumer(project)
      renameSync(join(project, path), join(project, 'moved'))
      symlinkSync(join(project, 'moved'), join(project, path))
      const proof = await proveAsItIs()
      expect(proof.proofs[4]).toMatchObject({
        state: 'disproved',
        detail: expect.stringContaining('symbolic link')
      })
      expect(proof.fromHex).toBe(false)
    }
  )

  test('with a migration that is a link out of the dependency proves nothing, with one inside it is fine', async () => {
    writeConsumer(project)
    const migrations = join(project, 'deps/diwa_schema/priv/repo/migrations')
    symlinkSync('20260101000000_create_orders.exs', join(migrations, '20260101000001_again.exs'))
    expect(await proveAsItIs()).toMatchObject({ fromHex: true })
    symlinkSync('../../../../../mix.exs', join(migrations, '20260101000002_out.exs'))
    expect((await proveAsItIs()).proofs[4]).toMatchObject({
      state: 'disproved',
      detail: expect.stringContaining('leads out')
    })
  })
})

describe('a bypass', () => {
  const byPath: Consumer = {
    mixExs: consumerMixExs('{:diwa_schema, path: "../diwa_schema"}'),
    mixLock: lockOf(),
    fetched: false
  }
  const bypass = { reason: 'hotfix of the orders table', until: '2026-11-21' }

  test('lets a path dependency pass on its last day, and never calls it one of Hex', async () => {
    const proof = await prove(byPath, { bypass, now: Date.parse('2026-11-21T23:59:59Z') })
    expect(proof).toMatchObject({ problems: [], fromHex: false, bypassed: bypass })
    expect(proof.warnings.map(({ code }) => code)).toContain('dependency-not-from-hex')
  })

  test('is over the moment after, and says since when', async () => {
    const proof = await prove(byPath, { bypass, now: Date.parse('2026-11-22T00:00:00Z') })
    expect(proof.bypassed).toBeUndefined()
    expect(proof.problems.at(-1)).toMatchObject({
      code: 'dependency-bypass-expired',
      message: 'The bypass (hotfix of the orders table) has been over since the end of 2026-11-21, UTC.'
    })
    expect(codes(proof)).toContain('dependency-not-from-hex')
  })

  test('that is not needed is told, and bypasses nothing', async () => {
    const proof = await prove({}, { bypass })
    expect(proof).toMatchObject({ problems: [], fromHex: true, bypassed: undefined })
    expect(proof.warnings).toMatchObject([{ code: 'dependency-bypass-idle' }])
  })

  test('does not cover a lock file that cannot be read', async () => {
    const proof = await prove({ mixLock: '%{\n<<<<<<< HEAD\n}\n' }, { bypass })
    expect(codes(proof)).toEqual(['mix-lock-conflict'])
  })

  test('is offered where it would help, and not where it is given', async () => {
    const without = await prove(byPath)
    expect(without.problems).toMatchObject([
      { code: 'dependency-not-from-hex', file: 'mix.exs', hint: expect.stringContaining('bypass-until') }
    ])
    const { warnings } = await prove(byPath, { bypass })
    expect(warnings.map(({ hint }) => hint).join()).not.toContain('bypass')
  })

  test.each([
    ['with the old line and folder left', '{:diwa_schema, path: "../d"}', {}],
    ['of the umbrella', '{:diwa_schema, in_umbrella: true}', { mixLock: lockOf(), fetched: false }],
    ['of a project without a lock', '{:diwa_schema, path: "../d"}', { mixLock: undefined, fetched: false }],
    [
      'in git',
      '{:diwa_schema, git: "https://example.com/d.git"}',
      {
        mixLock: lockOf('"diwa_schema": {:git, "https://example.com/d.git", "abc", []}'),
        unpacked: { '.hex': undefined, 'hex_metadata.config': undefined }
      }
    ]
  ])('covers a dependency %s', async (_, definition, consumer) => {
    const proof = await prove({ ...consumer, mixExs: consumerMixExs(definition) }, { bypass })
    expect(proof).toMatchObject({ problems: [], fromHex: false, bypassed: bypass })
  })

  test('covers a path that only Mix tells', async () => {
    const mixExs = consumerMixExs('{:diwa_schema, if(x(), do: [path: "../d"], else: "~> 0.1")}')
    expect(await prove({ mixExs }, { bypass, ...mixSaysPath })).toMatchObject({ problems: [], bypassed: bypass })
    expect(codes(await prove({ mixExs }, { bypass }))).toEqual(['dependency-not-proved', 'dependency-bypass'])
  })

  const path = '{:diwa_schema, path: "../d"}'
  test.each([
    ['a manifest that does not fit', { unpacked: { '.hex': manifestBytes({ outer: 'b'.repeat(64) }) } }, {}],
    [
      'a manifest that does not fit, with a path',
      { mixExs: consumerMixExs(path), unpacked: { '.hex': manifestBytes({ outer: 'b'.repeat(64) }) } },
      {}
    ],
    ['another repository', { mixLock: lockOf(lockedEntry({ repository: 'evil' })) }, {}],
    [
      'another repository, with a path',
      { mixExs: consumerMixExs(path), mixLock: lockOf(lockedEntry({ repository: 'evil' })) },
      {}
    ],
    ['another version', {}, { version: '0.2.0' }],
    ['another version, with a path', { mixExs: consumerMixExs(path) }, { version: '0.2.0' }],
    ['a misspelt name', {}, { name: 'diwa_shema' }],
    ['no mix.exs', { mixExs: undefined }, {}],
    ['no entry in the lock', { mixLock: lockOf() }, {}],
    ['no mix deps.get', { fetched: false }, {}]
  ] satisfies readonly (readonly [string, Consumer, Partial<ProofRequest>])[])(
    'does not cover %s',
    async (_, consumer, request) => {
      const proof = await prove(consumer, { ...request, bypass })
      expect(proof.bypassed).toBeUndefined()
      expect(codes(proof).length).toBeGreaterThan(1)
      expect(codes(proof).at(-1)).toBe('dependency-bypass')
    }
  )

  test('is none with half a reason or a day that is in no calendar', () => {
    const now = Date.parse('2026-02-20T00:00:00Z')
    expect(readBypass({ reason: 'x', until: '2026-02-28' }, now)).toEqual({
      bypass: { reason: 'x', until: '2026-02-28' }
    })
    expect(readBypass({ reason: 'x', until: '2026-02-30' }, now)).toMatchObject({
      problems: [{ code: 'dependency-bypass' }]
    })
  })
})

test('a name that mix.exs does not have is told once, and not to fetch it', async () => {
  const proof = await prove({}, { name: 'diwa_shema' })
  expect(proof.problems).toMatchObject([{ code: 'dependency-not-proved', message: 'No mix.exs defines diwa_shema.' }])
})
