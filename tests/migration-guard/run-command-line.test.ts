// The shipped file as a command, in somebody's clone.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { createGitHistory, type FileChange, type GitHistory } from '../support/git-history.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { configurationFile, first, guarded, migrations, second } from './guard-stage.ts'

const bundle = join(
  process.env['RELEASE_ACTIONS_DIST'] ?? join(import.meta.dirname, '..', '..', 'dist'),
  'migration-guard',
  'index.js'
)

interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

function run(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const home = temporaryFolder('home')
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home, GIT_CONFIG_NOSYSTEM: '1', ...env },
    encoding: 'utf8'
  })
  // Nothing is written anywhere but where it was asked for.
  expect(readdirSync(home)).toEqual([])
  return { status, out: stdout, err: stderr }
}

const frozen = `frozen:\n  - paths: ${migrations}\n    add: forbidden\n`

/** A branch of a guarded repository. */
function clone(base: Readonly<Record<string, FileChange>> = {}): GitHistory {
  const history = createGitHistory()
  history.commit({ ...guarded, [configurationFile]: frozen, ...base }, 'base')
  history.branch('work')
  return history
}

const own = { [second]: 'CREATE TABLE notes (id bigint PRIMARY KEY);\n' }

describe('check', () => {
  test('judges what lies in the working tree: committed, staged, or not even known to git', () => {
    for (const stage of ['committed', 'staged', 'unknown']) {
      const history = clone()
      if (stage === 'committed') history.commit(own)
      else history.write(own)
      if (stage === 'staged') history.git('add', '--all')
      const { status, out, err } = run(history.folder, ['check'])
      expect({ stage, status }).toEqual({ stage, status: 1 })
      expect(out).toContain(`${second}: error[frozen-path]`)
      expect(out).not.toContain('::error')
      expect(err).toContain('Compared with main')
      expect(history.git('status', '--porcelain')).toBe(
        stage === 'committed' ? '' : stage === 'staged' ? `A  ${second}` : `?? ${dirname(second)}/`
      )
    }
  })

  test('--staged judges what is staged alone', () => {
    const history = clone()
    history.write({ 'lib.ts': 'export {}\n' })
    history.git('add', '--all')
    history.write(own)
    expect(run(history.folder, ['check', '--staged']).status).toBe(0)
    expect(run(history.folder, ['check']).status).toBe(1)
    history.git('add', '--all')
    history.write({ [second]: null })
    expect(run(history.folder, ['check', '--staged']).status).toBe(1)
  })

  test('tells what git ignores, and what lies below another folder, by the repository’s own paths', () => {
    const history = clone({ '.gitignore': 'ignored/\n', 'src/a.ts': 'export {}\n' })
    history.write({ 'ignored/x.sql': 'DROP TABLE orders;\n', ...own })
    const { out } = run(join(history.folder, 'src'), ['check', '--path', '..'])
    expect(out).toContain(`${second}: error[frozen-path]`)
    expect(out).not.toContain('ignored/')
  })

  test('finds unsafe SQL with its line and column', () => {
    const history = clone({ [configurationFile]: 'fail-on: error\n' })
    history.write({ [second]: 'SELECT 1;\n  DROP TABLE orders;\n' })
    const { status, out } = run(history.folder, ['check'])
    expect(status).toBe(1)
    expect(out).toContain(`${second}:2:3: error[drop-table]`)
  })

  test('compares with what --base names, and takes what stands there for the configuration', () => {
    const history = clone()
    history.commit({ [configurationFile]: null })
    history.commit(own)
    expect(run(history.folder, ['check']).status).toBe(1)
    const unprotected = run(history.folder, ['check', '--base', 'HEAD~1'])
    expect(unprotected).toMatchObject({ status: 0, out: expect.stringContaining('unprotected') })
    expect(run(history.folder, ['check', '--base', 'nowhere'])).toMatchObject({
      status: 2,
      err: expect.stringContaining('change-without-base')
    })
  })

  test('--json prints JSON alone, and --sarif writes one file', () => {
    const history = clone()
    history.write(own)
    const { status, out } = run(history.folder, ['check', '--json', '--sarif', 'out/guard.sarif'])
    expect(status).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ status: 'failed', change: { kind: 'local' } })
    expect(existsSync(join(history.folder, 'out', 'guard.sarif'))).toBe(true)
    expect(history.git('status', '--porcelain').split('\n')).toHaveLength(2)
  })

  test('tells the verdict also where the SARIF cannot be written', () => {
    const history = clone()
    history.write(own)
    expect(run(history.folder, ['check', '--sarif', '.'])).toMatchObject({
      status: 1,
      out: expect.stringContaining('error[frozen-path]'),
      err: expect.stringMatching(/could not be written: EISDIR.*\n.*--sarif.*verdict-not-written/)
    })
  })

  test('who stops reading hears no complaint; what cannot be written was not judged', () => {
    const history = clone()
    history.write({ [second]: 'DROP TABLE orders;\n'.repeat(800) })
    const [node, program] = [process.execPath, bundle].map((path) => `'${path}'`)
    const shell = (script: string): string =>
      spawnSync('bash', ['-c', `${node} ${program} check ${script}; echo "\${PIPESTATUS[0]}"`], {
        cwd: history.folder,
        encoding: 'utf8'
      }).stdout
    expect(shell('2>&1 | head -n 1')).toMatch(/^[^\n]*\n1\n$/)
    expect(shell('2>&1 >/dev/full')).toMatch(/could not be written: ENOSPC[^\n]*\n2\n$/)
  })

  test.each([
    ['no repository', [], 'not-a-checkout'],
    ['a version that is none', ['--postgres', 'new'], 'guard-input'],
    ['an option that does not exist', ['--fast'], 'has no option "--fast"']
  ])('ends with 2 where it cannot judge: %s', (_, args, told) => {
    const folder = temporaryFolder('nothing')
    expect(run(folder, ['check', ...args], { GIT_CEILING_DIRECTORIES: dirname(folder) })).toMatchObject({
      status: 2,
      out: '',
      err: expect.stringContaining(told)
    })
  })

  test('before the first commit everything is new', () => {
    const folder = temporaryFolder('fresh')
    execFileSync('git', ['init', '-q', folder])
    mkdirSync(dirname(join(folder, first)), { recursive: true })
    writeFileSync(join(folder, first), 'CREATE TABLE orders (id bigint PRIMARY KEY);\n')
    writeFileSync(join(folder, migrations, 'migration_lock.toml'), 'provider = "postgresql"\n')
    expect(run(folder, ['check'])).toMatchObject({ status: 0, out: expect.stringContaining('1 migration') })
  })
})

describe('ALLOW_CORE_MIGRATION=true', () => {
  const allow = { ALLOW_CORE_MIGRATION: 'true' }

  test('lets frozen paths pass on a developer’s machine, and says so', () => {
    const history = clone()
    history.write(own)
    expect(run(history.folder, ['check'], allow)).toMatchObject({
      status: 0,
      out: expect.stringContaining('silenced[frozen-path] by ALLOW_CORE_MIGRATION=true')
    })
    for (const value of ['1', 'false', '']) {
      expect(run(history.folder, ['check'], { ALLOW_CORE_MIGRATION: value }).status).toBe(1)
    }
  })

  test('lets nothing else pass: neither an edit of what is merged nor unsafe SQL', () => {
    const history = clone()
    history.write({ [first]: 'SELECT 1;\n', [second]: 'DROP TABLE orders;\n' })
    const { status, out } = run(history.folder, ['check'], allow)
    expect(status).toBe(1)
    expect(out).toContain('error[edited-after-merge]')
    expect(out).toContain('error[drop-table]')
  })

  test('changes nothing where a workflow calls the command', () => {
    const history = clone()
    history.write(own)
    expect(run(history.folder, ['check'], { ...allow, GITHUB_ACTIONS: 'true' }).status).toBe(1)
  })
})

test('mix-guard prints the aliases for a mix.exs', () => {
  const { status, out } = run(temporaryFolder('nothing'), ['mix-guard', '--repo', 'diwa-agent'])
  expect(status).toBe(0)
  expect(out).toContain("[SAFETY BLOCK] Database migrations in 'diwa-agent' are restricted")
  for (const task of ['ecto.migrate', 'ecto.rollback', 'ecto.drop']) expect(out).toContain(task)
})

test('manifest prints what a folder of a clone holds', () => {
  const history = clone()
  history.git('remote', 'add', 'origin', 'https://github.com/acme/core.git')
  const { status, out } = run(history.folder, ['manifest', migrations])
  expect(status).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    repository: 'acme/core',
    path: migrations,
    commit: history.id(),
    files: { '20260101000000_init/migration.sql': history.git('rev-parse', `HEAD:${first}`) }
  })
  expect(run(history.folder, ['manifest', 'nowhere'])).toMatchObject({ status: 2, out: '' })
})

test.each([
  [['--help'], 0, 'Exit codes'],
  [['check', '--help'], 0, 'Exit codes'],
  [[], 2, 'What is to be done is missing'],
  [['chekc'], 2, 'There is no command "chekc"']
])('%j is answered', (args, status, told) => {
  const ran = run(temporaryFolder('nothing'), args)
  expect(ran.status).toBe(status)
  expect(ran.out + ran.err).toContain(told)
})
