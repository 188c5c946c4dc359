import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parseCommandLine, shellCommands } from '../../../sandbox/command-line.ts'

const entry = join(import.meta.dirname, '../../../sandbox/index.ts')
let folder: string
let child: ChildProcessWithoutNullStreams | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'))
})
afterEach(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Ran {
  readonly code: number | null
  readonly output: string
}

function start(...args: string[]): { ended: Promise<Ran>; output: () => string } {
  let output = ''
  const started = spawn(process.execPath, [entry, ...args])
  child = started
  for (const stream of [started.stdout, started.stderr]) {
    stream.on('data', (piece: Buffer) => {
      output += String(piece)
    })
  }
  const ended = once(started, 'close').then(() => ({ code: started.exitCode, output }))
  return { ended, output: () => output }
}

const posix = process.platform === 'win32' ? describe.skip : describe

posix('npm run sandbox', () => {
  test('prints variables with which programs and tokens work, logs, and leaves nothing behind', async () => {
    const file = join(folder, 'sandbox.env')
    const running = start(
      '--write-env',
      file,
      '--repository',
      'acme/lib',
      '--tag',
      'v1.0.0',
      '--fault',
      'GET github #2 503'
    )
    await until(() => running.output().includes('GitHub Enterprise Server'))
    await until(() => /oidc +http/.test(running.output()))
    const variables = Object.fromEntries(
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
    )
    for (const [name, value] of Object.entries(variables))
      expect(running.output()).toContain(`export ${name}='${value}'\n`)
    const script = `
      const ask = async (url, token) => { const r = await fetch(url, { headers: { authorization: 'Bearer ' + token } }); return [r.status, await r.json()] }
      const e = process.env
      const tag = await ask('https://api.github.com/repos/acme/lib/git/ref/tags/v1.0.0', e.GITHUB_TOKEN)
      const fault = await ask('https://api.github.com/repos/acme/lib', e.GITHUB_TOKEN)
      const id = await ask(e.ACTIONS_ID_TOKEN_REQUEST_URL + '&audience=pypi', e.ACTIONS_ID_TOKEN_REQUEST_TOKEN)
      const mint = await fetch('https://pypi.org/_/oidc/mint-token', { method: 'POST', body: JSON.stringify({ token: id[1].value }) })
      const upload = async (url, token) => (await fetch(url, { method: 'POST', headers: { authorization: 'Basic ' + btoa('__token__:' + token) } })).status
      const tokens = [
        await upload('https://upload.pypi.org/legacy/', e.TESTPYPI_TOKEN), await upload('https://test.pypi.org/legacy/', e.PYPI_TOKEN),
        await upload('https://upload.pypi.org/legacy/', e.PYPI_TOKEN), await upload('https://test.pypi.org/legacy/', e.TESTPYPI_TOKEN)
      ]
      console.log(JSON.stringify([tag[0], tag[1].ref, fault[0], id[0], mint.status, tokens]))`
    const client = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, ...variables }
    })
    let answer = ''
    for await (const piece of client.stdout) answer += String(piece)
    expect(JSON.parse(answer)).toEqual([200, 'refs/tags/v1.0.0', 503, 200, 200, [403, 403, 400, 400]])
    expect(running.output()).toContain('#1 GET https://api.github.com/repos/acme/lib/git/ref/tags/v1.0.0 → 200\n')
    expect(running.output()).toContain('#2 GET https://api.github.com/repos/acme/lib → 503 fault 503\n')

    child?.kill('SIGINT')
    expect((await running.ended).code).toBe(0)
    expect(existsSync(file)).toBe(false)
    expect(existsSync(variables['SSL_CERT_FILE'] ?? '')).toBe(false)
  })

  test('says what is wrong with a fault rule and ends with 1', async () => {
    const { code, output } = await start('--fault', 'GET gthub 503').ended
    expect(code).toBe(1)
    expect(output).toContain('no service answers for "gthub"')
    expect(output).not.toContain('    at ')
  })

  test('keeps its state in a folder, and starts with it again', async () => {
    for (const round of [1, 2]) {
      const running = start('--folder', folder, '--repository', 'acme/lib', '--tag', 'v1')
      await until(() => /oidc +http/.test(running.output()))
      child?.kill('SIGTERM')
      expect([round, (await running.ended).code]).toEqual([round, 0])
    }
    const state = readFileSync(join(folder, 'state.json'), 'utf8')
    expect(state.match(/"name":"lib"/g)).toHaveLength(1)
  })
})

describe('its options', () => {
  test('have the defaults of the usage text', () => {
    expect(parseCommandLine([], 'linux')).toEqual({
      faults: [],
      upstream: 'none',
      repository: 'example/project',
      tags: [],
      shell: 'posix',
      help: false
    })
    expect(parseCommandLine([], 'win32').shell).toBe('powershell')
  })

  test.each([
    [['--port', 'x'], '--port x is no port'],
    [['--repository', 'project'], '--repository project is no repository'],
    [['--shell', 'fish'], '--shell fish is not known'],
    [['--frob'], "Unknown option '--frob'"],
    [['extra'], "Unexpected argument 'extra'"]
  ])('%j is refused', (args, reason) => {
    expect(() => parseCommandLine(args, 'linux')).toThrow(reason)
  })
})

test('variables are quoted for the shell that reads them', () => {
  expect(shellCommands({ A: "it's $HOME" }, 'posix')).toBe("export A='it'\\''s $HOME'\n")
  expect(shellCommands({ A: "it's $HOME" }, 'powershell')).toBe("$env:A = 'it''s $HOME'\n")
})

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
}
