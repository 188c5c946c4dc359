import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { mapping, plain, type Plain } from '../../rehearse/workflow.ts'
import { readTold } from '../../rehearse/told.ts'
import { satisfies } from '../../rehearse/stand-ins/shared/version-range.ts'
import { temporaryFolder } from '../support/run-action.ts'

const standIns = join(import.meta.dirname, '..', '..', 'rehearse', 'stand-ins')
let work: string
let workspace: string

beforeEach(() => {
  work = temporaryFolder('stand-ins')
  workspace = join(work, 'workspace')
  mkdirSync(workspace)
})

/** Runs a stand-in as a runner would: inputs in the environment with the defaults of its action.yml. */
async function run(
  name: string,
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {}
): Promise<{ failed: boolean; text: string; outputs: Readonly<Record<string, string>> }> {
  const metadata = mapping(plain(parse(readFileSync(join(standIns, name, 'action.yml'), 'utf8'))))
  const given: Record<string, string> = { ...inputs }
  for (const [input, declared] of Object.entries(mapping(metadata['inputs']))) {
    const fallback = textOf(mapping(declared)['default'])
    given[input] ??= fallback.replace('${{ github.repository }}', 'o/r').replace('${{ github.run_id }}', '7')
  }
  const files = Object.fromEntries(['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH'].map((key) => [key, join(work, key)]))
  for (const file of Object.values(files)) writeFileSync(file, '')
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: work,
    ...files,
    REHEARSAL_FOLDER: work,
    REHEARSAL_ARTIFACTS: join(work, 'artifacts'),
    GITHUB_WORKSPACE: workspace,
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_RUN_ID: '7',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_ACTION_REF: 'v4',
    ...Object.fromEntries(Object.entries(given).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])),
    ...environment
  }
  const main = join(standIns, textOf(mapping(metadata['runs'])['main']))
  return new Promise((resolve) => {
    execFile(process.execPath, [main], { cwd: workspace, env }, (error, stdout, stderr) => {
      const outputs = [...readFileSync(join(work, 'GITHUB_OUTPUT'), 'utf8').matchAll(/^(.+)<<(.+)\n([\s\S]*?)\n\2$/gm)]
      resolve({
        failed: error !== null,
        text: stdout + stderr,
        outputs: Object.fromEntries(outputs.map(([, key = '', , value = '']) => [key, value]))
      })
    })
  })
}

function textOf(value: Plain | undefined): string {
  return typeof value === 'string' ? value : ''
}

function files(paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    writeFileSync(join(workspace, path), path)
  }
}

function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/')
    )
    .toSorted()
}

/** Uploads, downloads by name into `out`, and gives what is there. */
async function roundTrip(path: string, inputs: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const uploaded = await run('upload-artifact', { name: 'one', path, ...inputs })
  expect(uploaded.text).not.toContain('::error')
  await run('download-artifact', { name: 'one', path: 'out' })
  return below(join(workspace, 'out'))
}

describe('upload-artifact', () => {
  test('a folder and a wildcard lose their fixed beginning', async () => {
    files(['dist/a.whl', 'dist/sub/b.txt'])
    expect(await roundTrip('dist/')).toEqual(['a.whl', 'sub/b.txt'])
  })

  test('a single file loses its folder', async () => {
    files(['deep/er/a.whl'])
    expect(await roundTrip('deep/er/a.whl')).toEqual(['a.whl'])
  })

  test('a wildcard that finds a single file keeps what is below the fixed part', async () => {
    files(['x/y/z.txt'])
    expect(await roundTrip('x/**/*.txt')).toEqual(['y/z.txt'])
  })

  test('several paths are stored below their least common ancestor', async () => {
    files(['a/b/one.txt', 'a/c/d/two.txt', 'a/skip.log'])
    expect(await roundTrip('a/b/\na/c/d/two.txt')).toEqual(['b/one.txt', 'c/d/two.txt'])
  })

  test('patterns with ! take away what came before', async () => {
    files(['dist/a.whl', 'dist/a.tmp', 'dist/in/b.tmp'])
    expect(await roundTrip('dist\n!dist/**/*.tmp')).toEqual(['a.whl'])
  })

  test('hidden files stay out unless they are asked for', async () => {
    files(['dist/a', 'dist/.hidden', 'dist/.folder/b'])
    expect(await roundTrip('dist')).toEqual(['a'])
    expect(await roundTrip('dist', { 'include-hidden-files': 'true', overwrite: 'true' })).toEqual([
      '.folder/b',
      '.hidden',
      'a'
    ])
  })

  test('a name can be used once, unless it is overwritten', async () => {
    files(['a', 'b'])
    await run('upload-artifact', { name: 'dist', path: 'a' })
    const second = await run('upload-artifact', { name: 'dist', path: 'b' })
    expect(second.failed).toBe(true)
    expect(second.text).toContain('(409) Conflict: an artifact with this name already exists on the workflow run')
    const third = await run('upload-artifact', { name: 'dist', path: 'b', overwrite: 'true' })
    expect(third.failed).toBe(false)
    expect(third.outputs['artifact-id']).toMatch(/^\d+$/)
    expect(third.outputs['artifact-url']).toContain('https://github.com/o/r/actions/runs/7/artifacts/')
  })

  test.each([
    ['warn', false, '::warning::No files were found'],
    ['error', true, '::error::No files were found'],
    ['ignore', false, 'No files were found'],
    ['explode', true, 'Unrecognized if-no-files-found input']
  ])('without files and with if-no-files-found: %s', async (behaviour, failed, text) => {
    const result = await run('upload-artifact', { path: 'nothing/*', 'if-no-files-found': behaviour })
    expect(result.failed).toBe(failed)
    expect(result.text).toContain(text)
  })

  test.each(['a/b', 'a:b', 'a*'])('the name %s is refused', async (name) => {
    files(['x'])
    expect((await run('upload-artifact', { name, path: 'x' })).text).toContain('The artifact name is not valid')
  })

  test('version 3 fails as it does on GitHub', async () => {
    files(['x'])
    const result = await run('upload-artifact', { path: 'x' }, { GITHUB_ACTION_REF: 'v3' })
    expect(result.failed).toBe(true)
    expect(result.text).toContain('uses a deprecated version of `actions/upload-artifact: v3`')
  })

  test('files lose their permissions, and a link to a folder above does no harm', async () => {
    files(['dist/run.sh'])
    chmodSync(join(workspace, 'dist/run.sh'), 0o755)
    symlinkSync('..', join(workspace, 'dist', 'up'))
    await roundTrip('dist')
    if (process.platform !== 'win32') expect(statSync(join(workspace, 'out/run.sh')).mode & 0o111).toBe(0)
  })
})

describe('download-artifact', () => {
  beforeEach(async () => {
    files(['a.txt', 'b.txt', 'c.txt'])
    await run('upload-artifact', { name: 'dist-a', path: 'a.txt' })
    await run('upload-artifact', { name: 'dist-b', path: 'b.txt' })
    await run('upload-artifact', { name: 'logs', path: 'c.txt' })
  })

  test('without a name, each artifact gets a folder', async () => {
    const { outputs } = await run('download-artifact', { path: 'out' })
    expect(below(join(workspace, 'out'))).toEqual(['dist-a/a.txt', 'dist-b/b.txt', 'logs/c.txt'])
    expect(outputs['download-path']).toBe(join(workspace, 'out'))
  })

  test('a pattern chooses, and merge-multiple puts them into one folder', async () => {
    await run('download-artifact', { path: 'out', pattern: 'dist-*', 'merge-multiple': 'true' })
    expect(below(join(workspace, 'out'))).toEqual(['a.txt', 'b.txt'])
  })

  test('a single match gets a folder with v4, none with later versions', async () => {
    await run('download-artifact', { path: 'four', pattern: 'l*' })
    await run('download-artifact', { path: 'five', pattern: 'l*' }, { GITHUB_ACTION_REF: 'v5' })
    expect(below(join(workspace, 'four'))).toEqual(['logs/c.txt'])
    expect(below(join(workspace, 'five'))).toEqual(['c.txt'])
  })

  test('a name that is not there fails', async () => {
    const result = await run('download-artifact', { name: 'wheels' })
    expect(result.failed).toBe(true)
    expect(result.text).toContain('Artifact not found for name: wheels')
  })

  test('a run of this rehearsal gives what it stored to a later one, which names it', async () => {
    const later = { GITHUB_RUN_ID: '8' }
    expect((await run('download-artifact', { name: 'logs' }, later)).failed).toBe(true)
    const named = { name: 'logs', 'github-token': 'x', 'run-id': '7', path: 'restored' }
    expect((await run('download-artifact', named, later)).failed).toBe(false)
    expect(below(join(workspace, 'restored'))).toEqual(['c.txt'])
  })

  test('another run is told as not rehearsed', async () => {
    const result = await run('download-artifact', { 'github-token': 'x', 'run-id': '1' })
    expect(result.failed).toBe(false)
    expect(readTold(work).notRehearsed.join()).toContain('artifacts of run 1 of o/r')
  })
})

describe('cache', () => {
  test('is empty, and says so to whoever insists', async () => {
    const result = await run('cache', { path: 'x', key: 'k' })
    expect(result.outputs['cache-hit']).toBe('false')
    expect((await run('cache', { path: 'x', key: 'k', 'fail-on-cache-miss': 'true' })).failed).toBe(true)
  })
})

describe('setup-node', () => {
  test('tells the version that was asked for when it is another', async () => {
    const result = await run('setup-node', { 'node-version': '18' })
    expect(readTold(work).remarks.join()).toContain('setup-node: found on PATH, asked 18, here ')
    expect(result.outputs['node-version']).toMatch(/^v\d+/)
  })

  test('with a registry, npm takes its token from the environment', async () => {
    await run('setup-node', { 'registry-url': 'https://npm.example' }, { RUNNER_TEMP: work })
    expect(readFileSync(join(work, '.npmrc'), 'utf8')).toContain('//npm.example/:_authToken=${NODE_AUTH_TOKEN}')
    expect(existsSync(join(work, '.npmrc'))).toBe(true)
  })
})

describe('whether a version is what was asked for', () => {
  test.each([
    ['3.11.7', '3.11', true],
    ['3.11.7', '3.1', false],
    ['3.11.7', '3.x', true],
    ['3.11.7', '>=3.10 <3.12', true],
    ['3.11.7', '>=3.9,<3.11', false],
    ['3.11.7', '~=3.11.0', true],
    ['24.21.0', 'lts/*', true],
    ['24.21.0', '^20.19 || >=22', true],
    ['24.21.0', 'v24', true],
    ['27', '27', true],
    ['1.18.4', '~> 1.18', true],
    ['1.14.0', '1.18.4-otp-27', false],
    ['3.11.7', 'pypy3.10', false]
  ])('%s for %s: %s', (version, asked, answer) => {
    expect(satisfies(version, asked)).toBe(answer)
  })
})

test('an action without a stand-in does nothing, and says that its outputs are empty', async () => {
  const { failed, outputs } = await run(
    'not-rehearsed',
    {},
    { GITHUB_ACTION_REPOSITORY: 'some/thing', GITHUB_ACTION_REF: 'v3' }
  )
  expect(failed).toBe(false)
  expect(readTold(work).notRehearsed).toEqual(['some/thing@v3 did nothing, and its outputs are empty'])
  expect(outputs).toEqual({})
})
