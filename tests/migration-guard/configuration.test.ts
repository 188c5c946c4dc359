import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import type { Configuration } from '../../actions/migration-guard/configuration.ts'
import { readConfiguration } from '../../actions/migration-guard/configuration-file.ts'
import { configurationSchema } from '../../actions/migration-guard/configuration-shape.ts'
import { blobId } from '../../actions/migration-guard/contents.ts'
import { treeOf } from '../../actions/migration-guard/git-tree.ts'
import { exemptFrom, pathMatcher } from '../../actions/migration-guard/policy/levels.ts'
import { policyRules } from '../../actions/migration-guard/policy/rules.ts'
import type { Tree, TreeFile } from '../../actions/migration-guard/tree.ts'
import { lintRules } from '../../actions/shared/migrations/lint.ts'
import type { Problem } from '../../actions/shared/problem.ts'

const file = '.github/migration-guard.yml'

function tree(files: Readonly<Record<string, string | Buffer>>, modes: Readonly<Record<string, string>> = {}): Tree {
  const contents = new Map<string, Buffer>()
  const found = Object.entries(files).map(([path, text]): [string, TreeFile] => {
    const bytes = Buffer.from(text)
    const blob = blobId(bytes, 'sha1')
    contents.set(blob, bytes)
    return [path, { path, blob, mode: modes[path] ?? '100644' }]
  })
  return treeOf('a commit', new Map(found), (id) => Promise.resolve(contents.get(id) ?? Buffer.from('')))
}

async function configuration(yaml: string, others: Readonly<Record<string, string>> = {}): Promise<Configuration> {
  const read = await readConfiguration(tree({ [file]: yaml, ...others }), file)
  if ('problems' in read)
    throw new Error(read.problems.map(({ line, message }) => `${line ?? 0}: ${message}`).join('\n'))
  return read.configuration
}

async function problems(yaml: string | Buffer, known?: readonly string[]): Promise<readonly Problem[]> {
  const read = await readConfiguration(tree({ [file]: yaml }), file, known && new Set(known))
  return 'problems' in read ? read.problems : []
}

test('without a file nothing is frozen, and the configuration says that there is none', async () => {
  const read = await readConfiguration(tree({ 'README.md': 'nothing' }), file)
  expect(read).toMatchObject({
    configuration: { file: undefined, frozen: [], failOn: 'error', lint: { enabled: true, profile: 'default' } },
    notes: []
  })
})

test('a whole configuration is read as it is written', async () => {
  const read = await configuration(`
# yaml-language-server: $schema=https://example.org/migration-guard.schema.json
migrations:
  - path: priv/repo/migrations
    framework: ecto
  - db/prisma/migrations/
frozen:
  - paths: priv/repo/migrations
    add: [ported, reviewed]
    edit: allowed
    delete: packaged
source:
  repository: diwa-cloud/diwa
  path: priv/repo/migrations
  ref: release
  manifest: .github/migrations.json
  checkout: ../diwa
  set: subset
package:
  name: diwa_schema
reviewers:
  users: ['@ann', 'dependabot[bot]']
  teams: [org/database]
  approvals: 2
bypass:
  users: [ann]
  days: 7
mix-guard: required
mix-projects: [., apps/shop/]
hex-dependencies:
  - diwa_schema
  - name: other
    version: 1.2.3
rules:
  out-of-order: error
exempt:
  - paths: ['db/old/**', '*.sql']
    rules: duplicate-name
lint:
  profile: calm
  postgres: 17
  suppressions: false
fail-on: warning
comment: false
after-review: status
`)
  expect(read).toEqual({
    file,
    migrations: [
      { path: 'priv/repo/migrations', framework: 'ecto' },
      { path: 'db/prisma/migrations', framework: 'prisma' }
    ],
    frozen: [
      {
        paths: ['priv/repo/migrations', 'priv/repo/migrations/**'],
        add: ['ported', 'reviewed'],
        edit: [],
        delete: ['packaged'],
        rename: ['forbidden'],
        builtIn: false
      },
      {
        paths: [file, '.github/migrations.json'],
        add: ['reviewed'],
        edit: ['reviewed'],
        delete: ['reviewed'],
        rename: ['reviewed'],
        builtIn: true
      }
    ],
    source: {
      repository: 'diwa-cloud/diwa',
      path: 'priv/repo/migrations',
      into: 'priv/repo/migrations',
      ref: 'release',
      manifest: '.github/migrations.json',
      checkout: '../diwa',
      set: 'subset'
    },
    package: { name: 'diwa_schema', path: 'priv/repo/migrations', from: 'priv/repo/migrations' },
    reviewers: { users: ['ann', 'dependabot[bot]'], teams: ['org/database'], approvals: 2 },
    bypass: { allowed: true, users: ['ann'], teams: [], days: 7 },
    mixGuard: 'required',
    mixProjects: ['.', 'apps/shop'],
    hexDependencies: [{ name: 'diwa_schema' }, { name: 'other', version: '1.2.3' }],
    rules: { 'out-of-order': 'error' },
    exempt: [{ paths: ['db/old/**', '*.sql'], rules: ['duplicate-name'] }],
    lint: { enabled: true, profile: 'calm', postgres: 17, suppressions: false },
    failOn: 'warning',
    comment: false,
    afterReview: 'status'
  })
})

test('what is frozen without more words may not change at all', async () => {
  const { frozen } = await configuration('frozen: priv/repo/migrations/**')
  const forbidden = ['forbidden']
  expect(frozen[0]).toEqual({
    paths: ['priv/repo/migrations/**'],
    add: forbidden,
    edit: forbidden,
    delete: forbidden,
    rename: forbidden,
    builtIn: false
  })
})

test('nobody can bypass unless it is said', async () => {
  expect((await configuration('comment: true')).bypass.allowed).toBe(false)
  expect((await configuration('bypass: true')).bypass.allowed).toBe(true)
  expect((await configuration('bypass: {}')).bypass).toMatchObject({ allowed: true, days: 31 })
  expect((await configuration('lint: false')).lint.enabled).toBe(false)
})

test.each([
  ['prisma/migrations/2023*', 'prisma/migrations/20230101000000_a/migration.sql', true],
  ['prisma/migrations/2023*/', 'prisma/migrations/20230101000000_a/migration.sql', true],
  ['prisma/migrations/*', 'prisma/migrations/20230101000000_a/migration.sql', true],
  ['priv/repo/migrations/2023*', 'priv/repo/migrations/20230101000000_a.exs', true],
  ['priv/repo', 'priv/repo/migrations/20230101000000_a.exs', true],
  ['prisma/migrations/2023*', 'prisma/migrations/20240101000000_a/migration.sql', false],
  ['prisma/*.sql', 'prisma/migrations/20230101000000_a/migration.sql', false],
  ['prisma/2023*', 'prisma/migrations/20230101000000_a/migration.sql', false]
])('%s, frozen or exempt, takes in %s: %s', async (glob, path, expected) => {
  const { frozen, exempt } = await configuration(`frozen: '${glob}'\nexempt: { paths: '${glob}' }\n`)
  const [first] = frozen
  expect(pathMatcher(first?.paths ?? [])(path)).toBe(expected)
  expect(exemptFrom({ exempt })({ rule: 'edited-after-merge', file: path })).toBe(expected)
})

/** Documents with what the reader says of them; undefined: it takes them. The schema must be of the same mind. */
const documents: readonly (readonly [yaml: string, said?: string])[] = [
  ['comment: true'],
  ['{}'],
  ['{"frozen": [{"paths": ["a/**"], "add": "reviewed"}]}'],
  ['frozen: [priv/repo/migrations, "db/**/*.sql"]'],
  ['frozen: "*.{sql,exs}"'],
  ['frozen: { paths: a, add: allowed, edit: [reviewed] }'],
  ['frozen: []', 'A list stands where a list of at least 1'],
  ['frozen: [{ paths: a, delete: [packaged] }]\npackage: { name: diwa_schema }'],
  ['frozen: [{ paths: a, add: ported }]\nsource: { repository: org/db, path: migrations }'],
  ['migrations: priv/repo/migrations'],
  ['migrations: { path: db, framework: sql }'],
  ['rules: { out-of-order: off }'],
  ['lint: { postgres: 10 }'],
  ['reviewers: { users: [a-b, c_d] }'],
  ['bypass: { days: 366 }'],
  ['base: &a [x]\nfrozen: *a', 'The key "base" is not known here.'],
  ['', 'Nothing stands where keys with values'],
  ['- frozen', 'A list stands where keys with values'],
  ['frozen:', 'Nothing stands where'],
  ['frosen: []', 'The key "frosen" is not known here.'],
  ['frozen: { path: a }', 'The key "path" is not known here.'],
  ['frozen: { add: reviewed }', 'The key paths is missing here.'],
  ['frozen: { paths: [] }', 'A list stands where a list of at least 1'],
  ['frozen: { paths: a, add: review }', '"review" is none of the words'],
  ['frozen: { paths: a, add: [] }', 'A list stands where a list of at least 1'],
  ['frozen: { paths: a, add: [forbidden, reviewed] }', '"forbidden" is none of the words'],
  ['frozen: { paths: a, add: [reviewed, reviewed] }', '"reviewed" stands in this list twice'],
  ['frozen: { paths: a, add: packaged }', '"packaged" is none of the words'],
  ['frozen: { paths: a, delete: ported }', '"ported" is none of the words'],
  ['frozen: { paths: a, add: ported }', 'there is no `source`'],
  ['frozen: [b, { paths: a, rename: [ported] }]', 'there is no `source`'],
  ['frozen: [{ paths: a, delete: [reviewed, packaged] }]', 'no `package` is named'],
  ['frozen: /etc', '"/etc" is no path or glob'],
  ['frozen: ../a', '"../a" is no path or glob'],
  ['frozen: a/../../b', 'is no path or glob'],
  ['frozen: ./a', 'is no path or glob'],
  ['frozen: "!a"', 'is no path or glob'],
  ['frozen: "a[b"', 'is no path or glob'],
  ['frozen: "a{b,{c,d}}"', 'is no path or glob'],
  ['frozen: "a\\\\b"', 'is no path or glob'],
  ['frozen: ""', 'is no path or glob'],
  ['frozen: 7', '7 stands where'],
  ['migrations: db/changes', 'is no folder of Ecto'],
  ['migrations: { path: "db/*", framework: sql }', 'is no path in this repository'],
  ['migrations: { path: db, framework: rails }', '"rails" is none of the words'],
  ['source: { repository: db, path: m }', '"db" is no repository with its owner'],
  ['source: { repository: org/db }', 'The key path is missing'],
  ['source: { repository: org/db, path: m, ref: 1.0 }', '1 stands where a text'],
  ['source: { repository: org/db, path: m, ref: "--upload-pack=x" }', 'is no branch, tag or commit'],
  ['source: { repository: org/db, path: m, ref: a..b }', 'is no branch, tag or commit'],
  ['source: { repository: org/db, path: m, set: all }', '"all" is none of the words'],
  ['package: { name: Diwa }', '"Diwa" is no name of a dependency'],
  ['reviewers: { teams: [database] }', '"database" is no team with its organization'],
  ['reviewers: { approvals: 0 }', '0 stands where a whole number from 1 to 10'],
  ['reviewers: { approvals: 1.5 }', '1.5 stands where a whole number'],
  ['reviewers: { users: ann }', '"ann" stands where a list'],
  ['bypass: yes', '"yes" stands where'],
  ['bypass: { days: 0 }', '0 stands where a whole number'],
  ['mix-guard: on', '"on" is none of the words'],
  ['mix_guard: required', 'The key "mix_guard" is not known here.'],
  ['mix-projects: ..', 'is no folder of a Mix project'],
  ['hex-dependencies: [{ version: 1.2.3 }]', 'The key name is missing'],
  ['hex-dependencies: [{ name: a, version: "1.2" }]', 'is no version'],
  ['rules: { out-of-order: fatal }', '"fatal" is none of the words'],
  ['rules: { Out_Of_Order: off }', '"Out_Of_Order" is no name of a rule'],
  ['exempt: { rules: [x] }', 'The key paths is missing'],
  ['lint: { postgres: "16" }', '"16" stands where a whole number from 10 to 99'],
  ['lint: { profile: loose }', '"loose" is none of the words'],
  ['fail-on: notice', '"notice" is none of the words'],
  ['comment: "true"', '"true" stands where true or false']
]

const valid = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false }).compile(
  configurationSchema()
)

test.each(documents.map(([yaml, said]) => ({ yaml, said })))(
  'the reader and the schema are of one mind about $yaml',
  async ({ yaml, said }) => {
    const found = await problems(yaml)
    expect(found.map(({ message }) => message).join('\n')).toContain(said ?? '')
    expect(found.length > 0).toBe(said !== undefined)
    expect(valid(parse(yaml))).toBe(said === undefined)
  }
)

const allRules = [...policyRules, ...lintRules]

test('the schema that editors read is that of the reader', () => {
  const page = join(import.meta.dirname, '../../docs/migration-guard.schema.json')
  // Stale: `node scripts/guard-schema.ts` writes it anew.
  expect(JSON.parse(readFileSync(page, 'utf8'))).toEqual(JSON.parse(JSON.stringify(configurationSchema(allRules))))
})

test.each([
  ['rules: { drop-column: warning, out-of-order: off }', true],
  ['rules: { drop-colum: warning }', false],
  ['exempt: { paths: a, rules: [drop-column, out-of-order] }', true],
  ['exempt: { paths: a, rules: out-of-ordr }', false]
])('an editor knows the rules, policy and statements: %s, taken: %s', (yaml, taken) => {
  expect(new Ajv2020({ strict: false }).compile(configurationSchema(allRules))(parse(yaml))).toBe(taken)
})

test('every key of the schema is described', () => {
  const { properties } = configurationSchema()
  expect(
    Object.values(properties ?? {}).every(
      (each: unknown) => typeof each === 'object' && each !== null && 'description' in each
    )
  ).toBe(true)
})

test('every fault is told at once, each with its file, line, column and what to write', async () => {
  const found = await problems(
    'comment: maybe\nfrozen:\n  - paths: a\n    adds: reviewed\nrules:\n  out-of-order: loud\n'
  )
  expect(found).toEqual([
    expect.objectContaining({ code: 'guard-configuration', file, line: 1, column: 10, hint: 'Write true or false.' }),
    expect.objectContaining({ line: 4, column: 5, hint: 'Did you mean `add`?' }),
    expect.objectContaining({ line: 6, column: 17, hint: 'Write error, warning, notice or off.' })
  ])
})

test.each([
  ['comment: true\n  lint: [', 2],
  ['comment: true\ncomment: false', 2],
  ['a: !secret x', 1],
  ['? [a]\n: b', 1]
])('%j is no YAML that can be read, told at its line', async (yaml, line) => {
  expect(await problems(yaml)).toContainEqual(expect.objectContaining({ code: 'guard-configuration', line }))
})

test('aliases that would make millions of values are refused', async () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 9; level++) {
    const before = String.fromCharCode(96 + level)
    const here = String.fromCharCode(97 + level)
    bomb.push(`${here}: &${here} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}]`)
  }
  expect(await problems(bomb.join('\n'))).toContainEqual(
    expect.objectContaining({ message: expect.stringContaining('more values here') })
  )
  expect(await problems('a: &a [*a]')).not.toEqual([])
})

test('people who cannot be enough are told', async () => {
  expect(await problems('reviewers:\n  users: [ann]\n  approvals: 2')).toMatchObject([
    { line: 3, message: '2 approvals are needed, and only 1 people can give one.' }
  ])
  expect(await problems('reviewers: { users: [ann], teams: [org/db], approvals: 2 }')).toEqual([])
})

test('a folder of migrations with two frameworks is told', async () => {
  expect(await problems('migrations: [{ path: priv/m, framework: sql }, priv/m]')).toMatchObject([
    { message: 'A folder stands under `migrations` twice.' }
  ])
})

test('a rule that does not exist is told, with the one that was meant', async () => {
  const yaml = 'rules:\n  out-of-odrer: off\nexempt:\n  - paths: a\n    rules: [stray-file, nonsense]\n'
  expect(await problems(yaml, ['out-of-order', 'stray-file'])).toMatchObject([
    { line: 2, column: 3, hint: 'Did you mean `out-of-order`?' },
    { line: 5, column: 25, hint: expect.stringContaining('docs/migration-rules.md') }
  ])
})

test('a configuration that is a link, no UTF-8 or too long is told', async () => {
  const link = await readConfiguration(tree({ [file]: 'other.yml' }, { [file]: '120000' }), file)
  expect(link).toMatchObject({ problems: [{ message: 'The configuration is a symbolic link.' }] })
  expect(await problems(Buffer.from([0xff, 0xfe]))).toMatchObject([{ message: 'The configuration is not UTF-8.' }])
  expect(await problems(`# ${'x'.repeat(600_000)}`)).toMatchObject([{ message: expect.stringContaining('bytes') }])
})

test('a byte order mark does no harm', async () => {
  expect((await configuration('\ufeffcomment: false')).comment).toBe(false)
})

test.each([
  ['an action', 'jobs:\n  guard:\n    steps:\n      - uses: org/release-actions/migration-guard@v1 # the guard\n'],
  ['an action in quotes', "steps:\n  - uses: 'org/release-actions/migration-guard@v1'\n"],
  ['a local action', 'steps:\n  - uses: ./migration-guard\n'],
  ['a reusable workflow elsewhere', 'jobs: {a: {uses: acme/workflows/.github/workflows/migration-guard.yml@v1}}\n'],
  ['a key in quotes', 'steps:\n  - "uses": org/release-actions/migration-guard@v1\n'],
  ['a folded text', 'steps:\n  - uses: >-\n      org/release-actions/migration-guard@v1\n'],
  ['YAML that cannot be read', 'steps: [\n  - uses: org/release-actions/migration-guard@v1\n'],
  ['the bundle', 'steps:\n  - run: node actions/dist/migration-guard/index.js check\n']
])('a workflow that runs the guard by %s is frozen itself', async (_, workflow) => {
  const { frozen } = await configuration('comment: true', {
    '.github/workflows/guard.yml': workflow,
    '.github/workflows/test.yml':
      'jobs:\n  migration-guard:\n    needs: migration-guard\n    name: migration-guard\n # uses: migration-guard@v1\n'
  })
  expect(frozen.find(({ builtIn }) => builtIn)?.paths).toEqual([file, '.github/workflows/guard.yml'])
})

test('what runs the guard by way of a local action or a reusable workflow is frozen too, whatever its name', async () => {
  const { frozen } = await configuration('comment: true', {
    '.github/actions/check/action.yaml': 'steps:\n  - uses: org/release-actions/migration-guard@v1\n',
    '.github/workflows/reused.yml': 'jobs:\n a:\n  steps:\n   - uses: ./.github/actions/check\n',
    '.github/workflows/[main].yml': 'jobs:\n  a:\n    uses: ./.github/workflows/reused.yml\n',
    'ci/guard/action.yml': 'runs:\n  steps:\n    - uses: org/release-actions/migration-guard@v1\n',
    '.github/workflows/side.yml': 'jobs:\n  a:\n    steps: [{uses: ./ci/guard}]\n',
    '.github/workflows/other.yml': 'jobs:\n  a:\n    uses: ./.github/actions/checkout\n'
  })
  expect(frozen.find(({ builtIn }) => builtIn)?.paths).toEqual([
    file,
    '.github/actions/check/action.yaml',
    '.github/workflows/\\[main\\].yml',
    '.github/workflows/reused.yml',
    '.github/workflows/side.yml',
    'ci/guard/action.yml'
  ])
})

test('the workflow that runs right now is frozen, whatever it calls the guard by', async () => {
  const running = '.github/workflows/checks.yml'
  const files = { [file]: 'comment: true', [running]: 'jobs: {a: {uses: acme/workflows/.github/workflows/db.yml@v1}}' }
  const read = await readConfiguration(tree(files), file, undefined, running)
  expect(read).toMatchObject({ configuration: { frozen: [{ paths: [file, running], builtIn: true }] } })
})

describe('input config, which a pull request can write,', () => {
  const guard = (config: string): string => `steps: [{uses: org/r/migration-guard@v1, with: {config: ${config}}}]`
  const [strict, loose] = ['apps/a/guard.yml', 'apps/b/guard.yml']
  const apps = { [strict]: 'fail-on: warning', [loose]: 'fail-on: never' }
  const [runsA, runsB] = ['.github/workflows/a.yml', '.github/workflows/b.yml']
  const both = { ...apps, [runsA]: guard(strict), [runsB]: guard(loose) }
  const matrix = 'strategy: {matrix: {config: [apps/a/guard.yml, apps/b/guard.yml]}}'
  test.each<[string, Readonly<Record<string, string>>, string, string | undefined, string]>([
    ['cannot name another file than the usual one', { ...apps, [file]: 'comment: true' }, loose, undefined, file],
    ['takes the one that the running workflow names at the base', both, strict, runsA, strict],
    ['cannot take that of another workflow', both, loose, runsA, strict],
    ['cannot fall back to the usual one', { ...both, [file]: 'fail-on: never' }, file, runsA, strict],
    [
      'takes one of a matrix',
      { ...apps, [runsA]: `${matrix}\n${guard('"${{ matrix.config }}"')}` },
      loose,
      runsA,
      loose
    ],
    [
      'takes one that an expression fits',
      { ...apps, [runsA]: guard('"apps/${{ matrix.app }}/guard.yml"') },
      loose,
      runsA,
      loose
    ],
    ['may name one where the base has none that holds', { ...apps, 'README.md': '' }, strict, undefined, strict]
  ])('%s', async (_, files, asked, running, expected) => {
    const read = await readConfiguration(tree(files), asked, undefined, running)
    expect(read).toMatchObject({ configuration: { file: expected } })
    expect('notes' in read && read.notes.length > 0).toBe(expected !== asked)
  })
})

test('a pull request that points the guard to another file does not put the configuration away', async () => {
  const usual = await readConfiguration(tree({ [file]: 'fail-on: warning' }), 'nothing.yml')
  expect(usual).toMatchObject({
    configuration: { file, failOn: 'warning' },
    notes: [expect.stringContaining('input config cannot put the configuration away')]
  })
  const own = await readConfiguration(
    tree({
      'config/guard.yml': 'fail-on: warning',
      '.github/workflows/guard.yml':
        'steps:\n - uses: org/release-actions/migration-guard@v1\n   with:\n     config: ./config/guard.yml\n'
    }),
    'nothing.yml'
  )
  expect(own).toMatchObject({ configuration: { file: 'config/guard.yml', failOn: 'warning' } })
})
