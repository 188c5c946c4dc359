import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hexTarball, validFiles } from '../support/hex-tarball.ts'
import { temporaryFolder, type ActionRun } from '../support/run-action.ts'
import { programsIn } from './programs.ts'
import { apiKey, codesOf, problemsOf, sha256, startRelease, tarballName, writes, type Release } from './release.ts'

let release: Release
/** Where the stand-in for Mix writes what it saw; outside of the workspace. */
let seen: string
beforeEach(async () => {
  release = await startRelease({ tarball: undefined, docs: {} })
  writeFileSync(join(release.workspace, 'mix.exs'), 'defmodule DemoSchema.MixProject do\nend\n')
  seen = temporaryFolder('seen')
  writeFileSync(join(seen, 'built.tar'), ours)
})
afterEach(async () => {
  await release.sandbox.close()
})

const ours = hexTarball()

/** What `mix hex.build` and `mix docs` leave; what else they do is the test's. */
function mix(extra = ''): string {
  return `
const task = args[0] ?? ''
fs.appendFileSync(${JSON.stringify(join(seen, 'ran'))}, task + '\\n')
${extra}
if (task === 'archive') console.log('* hex-2.1.1')
if (task === 'hex.build') {
  console.log('Building demo_schema 0.1.0')
  fs.copyFileSync(${JSON.stringify(join(seen, 'built.tar'))}, 'demo_schema-0.1.0.tar')
}
if (task === 'docs') {
  fs.mkdirSync('doc', { recursive: true })
  fs.writeFileSync('doc/index.html', 'built')
}`
}

const elixir = `console.log('Erlang/OTP 27\\n\\nElixir 1.17.3 (compiled with Erlang/OTP 27)')`

const erl = `console.log('OTP 27.1')`

function run(inputs: Readonly<Record<string, string>> = {}, source = mix()): Promise<ActionRun> {
  const tools = programsIn(temporaryFolder('tools'), { mix: source, elixir, erl })
  return release.run(
    { 'api-key': apiKey, wait: '30', ...inputs },
    { env: { PATH: tools, HEX_API_KEY: apiKey, GITHUB_TOKEN: 'token-of-this-job-0123456789' } }
  )
}

/** Tasks that ran in the project, without the questions about versions. */
function tasks(): string[] {
  const log = join(seen, 'ran')
  return existsSync(log)
    ? readFileSync(log, 'utf8')
        .split('\n')
        .filter((task) => task === 'hex.build' || task === 'docs')
    : []
}

describe('in one job', () => {
  test('the package and its docs are built and published, and the tools are named', async () => {
    const result = await run()
    expect(problemsOf(result)).toEqual([])
    expect(tasks()).toEqual(['hex.build', 'docs'])
    expect(release.published()).toEqual([`0.1.0 ${sha256(ours)} docs`])
    expect(result.summary).toContain('Built with Erlang/OTP 27.1, Elixir 1.17.3, Hex 2.1.1.')
    expect(result.outputs['tarball']).toBe(join(release.workspace, tarballName))
  })

  test('what the build warns of is in the summary', async () => {
    const result = await run({}, mix(`if (task === 'hex.build') console.error('warning: the dependency is not used')`))
    expect(result.outputs['status']).toBe('published')
    expect(result.summary).toContain('Warnings of the build (1)')
    expect(result.summary).toContain('the dependency is not used')
  })

  test('the next run builds the same, sends nothing, and builds no docs that are there', async () => {
    await run()
    rmSync(join(release.workspace, 'doc'), { recursive: true })
    const result = await run()
    expect(result.outputs['status']).toBe('unchanged')
    expect(tasks()).toEqual(['hex.build', 'docs', 'hex.build'])
    expect(writes(release.sandbox)).toHaveLength(2)
  })

  test('docs are left out, which is said, where the project has no task for them', async () => {
    const none = mix(
      `if (task === 'docs') { console.error('** (Mix) The task "docs" could not be found'); process.exit(1) }`
    )
    const result = await run({}, none)
    expect(problemsOf(result)).toEqual([])
    expect(result.summary).toContain('mix has no task docs here')
    expect(release.published()).toEqual([`0.1.0 ${sha256(ours)}`])
    expect(codesOf(await run({ docs: 'true' }, none))).toEqual(['no-docs'])
  })

  test('docs that cannot be built stop the release before anything is sent', async () => {
    const result = await run({}, mix(`if (task === 'docs') { console.error('** (CompileError)'); process.exit(1) }`))
    expect(codesOf(result)).toEqual(['docs-failed'])
    expect(writes(release.sandbox)).toEqual([])
  })

  test('a build that fails is told with its own words, and nothing is sent', async () => {
    const result = await run(
      {},
      mix(`if (task === 'hex.build') { console.error('** (Mix) Stopping package build'); process.exit(1) }`)
    )
    expect(codesOf(result)).toEqual(['build-failed'])
    expect(problemsOf(result)[0]).toContain('Stopping package build')
    expect(writes(release.sandbox)).toEqual([])
  })

  test('the tarball is sent as it was read, though the build goes on writing it', async () => {
    const other = hexTarball({ files: { ...validFiles, 'README.md': 'other' } })
    const stop = release.sandbox.intercept(({ method, url }) => {
      if (method === 'GET' && url.pathname.endsWith('/packages/demo_schema')) {
        writeFileSync(join(release.workspace, tarballName), other)
        writeFileSync(join(release.workspace, 'mix.exs'), 'changed')
      }
    })
    const result = await run()
    stop()
    expect(problemsOf(result)).toEqual([])
    expect(release.sandbox.hex.releases('demo_schema')[0]?.tarball.equals(ours)).toBe(true)
  })
})

describe('in two jobs', () => {
  test('the first builds without a key and leaves both, the second needs no tool', async () => {
    const built = await run({ 'dry-run': 'true', 'api-key': '' })
    expect(built.outputs).toMatchObject({ status: 'planned', tarball: join(release.workspace, tarballName) })
    expect(existsSync(join(release.workspace, 'doc', 'index.html'))).toBe(true)
    rmSync(join(release.workspace, 'mix.exs'))
    const nothing = temporaryFolder('empty')
    const published = await release.run(
      { tarball: '*.tar', 'docs-folder': 'doc', 'api-key': apiKey },
      { env: { PATH: nothing } }
    )
    expect(problemsOf(published)).toEqual([])
    expect(published.outputs).toMatchObject({ status: 'published', checksum: built.outputs['checksum'] })
  })

  test('the first builds the docs though they are on Hex, for the second to find them', async () => {
    await run()
    rmSync(join(release.workspace, 'doc'), { recursive: true })
    await run({ 'dry-run': 'true', 'api-key': '' })
    expect(existsSync(join(release.workspace, 'doc', 'index.html'))).toBe(true)
  })
})

describe('nothing of the project runs', () => {
  test('without a key, where this is no dry run', async () => {
    const result = await run({ 'api-key': '' })
    expect(codesOf(result)).toEqual(['api-key-missing'])
    expect(tasks()).toEqual([])
  })

  test.each([
    ['nobody knows', [], 'hex-key-refused'],
    ['may only read', [{ domain: 'api', resource: 'read' }], 'hex-key-not-allowed'],
    ['is for repositories', [{ domain: 'repositories' }], 'hex-key-not-allowed']
  ])('with a key that %s', async (_what, permissions, code) => {
    const secret = 'ca11ab1e0ca11ab1e0ca11ab1e0ca11a'
    if (permissions.length > 0) release.sandbox.hex.addKey({ secret, user: 'maintainer', permissions })
    const result = await run({ 'api-key': secret })
    expect(codesOf(result)).toEqual([code])
    expect(tasks()).toEqual([])
  })

  test('with an organization’s key for repositories', async () => {
    const secret = 'ca11ab1e0ca11ab1e0ca11ab1e0ca11a'
    release.sandbox.hex.addKey({ secret, organization: 'acme', permissions: [{ domain: 'api', resource: 'read' }] })
    expect(codesOf(await run({ 'api-key': secret, organization: 'acme' }))).toEqual(['hex-key-not-allowed'])
    expect(tasks()).toEqual([])
  })

  test('in the root of an umbrella', async () => {
    writeFileSync(
      join(release.workspace, 'mix.exs'),
      'defmodule U.MixProject do\n  use Mix.Project\n  def project do\n    [apps_path: "apps"]\n  end\nend\n'
    )
    expect(codesOf(await run())).toEqual(['umbrella-project'])
    expect(tasks()).toEqual([])
  })

  test('with another Elixir than is asked for, and the step that brings it is printed', async () => {
    const result = await run({ 'elixir-version': '~> 1.18' })
    expect(codesOf(result)).toEqual(['tool-version-missing'])
    expect(problemsOf(result)[0]).toContain('erlef/setup-beam@v1')
    expect(tasks()).toEqual([])
  })

  test('in a folder without a project, which is told together with the missing key', async () => {
    const result = await run({ path: 'nowhere', 'api-key': '' })
    expect(codesOf(result).sort()).toEqual(['api-key-missing', 'project-missing'])
  })
})

describe('a project that tries to steal the key', () => {
  const thief = (): string =>
    mix(`
const loot = [JSON.stringify(process.env), args.join(' ')]
for (const path of ['/proc/self/environ', '/proc/self/cmdline']) try { loot.push(fs.readFileSync(path, 'latin1')) } catch {}
try { loot.push(fs.readFileSync(0, 'utf8')) } catch {}
for (const name of ['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'])
  if (process.env[name]) fs.appendFileSync(process.env[name], 'stolen')
fs.appendFileSync(${JSON.stringify(join(seen, 'loot'))}, loot.join('\\n'))`)

  test('finds it in no variable, no argument and no input, nor the token of the job, and can set nothing', async () => {
    const result = await run({}, thief())
    expect(result.outputs['status']).toBe('published')
    const loot = readFileSync(join(seen, 'loot'), 'utf8')
    expect(loot).toContain('PATH')
    for (const secret of [apiKey, Buffer.from(apiKey).toString('base64'), 'token-of-this-job', 'INPUT_'])
      expect(loot).not.toContain(secret)
    expect(result.everything).not.toContain('stolen')
  })

  test('cannot print what it reads of the action’s own process, which no child can be kept from', async () => {
    const reader = mix(`try { console.log(fs.readFileSync('/proc/' + process.ppid + '/environ', 'latin1')) } catch {}`)
    const result = await run({}, reader)
    expect(result.outputs['status']).toBe('published')
    expect(result.everything).not.toContain(apiKey)
  })

  test('cannot give the runner commands', async () => {
    const result = await run({}, mix(`console.log('::set-output name=x::y\\n::error::owned\\n##[error]owned')`))
    expect(result.outputs['status']).toBe('published')
    expect(result.annotations.filter(({ message }) => message.includes('owned'))).toEqual([])
    expect(result.stdout).not.toMatch(/^\s*::set-output/m)
  })

  test('cannot publish it in the package', async () => {
    writeFileSync(join(seen, 'built.tar'), hexTarball({ files: { ...validFiles, 'lib/key.ex': `@key "${apiKey}"` } }))
    const result = await run()
    expect(codesOf(result)).toHaveLength(1)
    expect(result.everything).not.toContain(apiKey)
    expect(writes(release.sandbox)).toEqual([])
  })
})
