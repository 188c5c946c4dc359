import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import {
  childEnvironment,
  findProgram,
  runProgram,
  type ProgramResult,
  type ProgramRun
} from '../../actions/shared/program.ts'
import { runnerLog } from '../../actions/shared/log.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { keptLog } from '../support/world.ts'

const secrets = createSecrets(() => undefined)
const key = '0123456789abcdef0123456789abcdef'
secrets.add(key)

/** Runs JavaScript as a program of its own. */
async function script(
  source: string,
  options: Partial<Pick<ProgramRun, 'timeout' | 'env' | 'cancelled' | 'takeOutput'>> = {}
): Promise<ProgramResult & { readonly said: readonly string[] }> {
  const log = keptLog()
  const result = await runProgram({
    program: process.execPath,
    args: ['-e', source],
    folder: temporaryFolder('program'),
    env: {},
    timeout: 20_000,
    ...options,
    log,
    secrets
  })
  return { ...result, said: log.lines }
}

/** Whether a process is still there; one that has ended and waits for its parent counts as gone. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && isRunning(pid); i++) await sleep(20)
  return !isRunning(pid)
}

describe('a program', () => {
  test('gives its exit code and what it said, line by line', async () => {
    const result = await script(`console.log('one'); console.error('two'); process.exitCode = 3`)
    expect(result).toMatchObject({ exitCode: 3, end: 'exited', errorOutput: 'two' })
    expect([...result.said].sort()).toEqual(['one', 'two'])
    expect(result.output.split('\n').sort()).toEqual(['one', 'two'])
  })

  test('finds its standard input at the end, and no terminal to ask at', async () => {
    const result = await script(`
      const fs = require('node:fs')
      console.log('read ' + fs.readSync(0, Buffer.alloc(1)))
      try { fs.openSync('/dev/tty', 'r+'); console.log('has a terminal') } catch { console.log('has none') }
    `)
    expect(result.said).toEqual(['read 0', 'has none'])
  })

  test('sees of the environment only what it is given', async () => {
    const result = await script(`console.log(Object.keys(process.env).join())`, { env: { ONLY: 'this' } })
    // The mark by which it is ended, and what macOS adds to every process.
    const added = /^(RELEASE_ACTIONS_PROGRAM|__CF_USER_TEXT_ENCODING)$/
    expect(result.output.split(',').filter((name) => !added.test(name))).toEqual(['ONLY'])
  })

  test('may give its output as it is to who asks for it: nobody else hears of it', async () => {
    const pieces: Buffer[] = []
    const result = await script(`process.stdout.write(Buffer.from([0, 255, 13])); console.error('told')`, {
      takeOutput: (piece) => {
        pieces.push(piece)
      }
    })
    expect(Buffer.concat(pieces)).toEqual(Buffer.from([0, 255, 13]))
    expect(result).toMatchObject({ exitCode: 0, output: 'told' })
    expect(result.said).toEqual(['told'])
  })

  test('ends when the job is cancelled, also before it began', async () => {
    const controller = new AbortController()
    const endless = 'console.log(process.pid); setInterval(() => undefined, 1000)'
    const running = script(endless, {
      cancelled: controller.signal,
      takeOutput: () => {
        controller.abort()
      }
    })
    expect(await running).toMatchObject({ exitCode: null, end: 'killed' })
    expect(await script(endless, { cancelled: controller.signal })).toMatchObject({ exitCode: null, end: 'killed' })
  })

  test('that does not exist is told, and not thrown', async () => {
    const result = await runProgram({
      program: 'no-such-program',
      args: [],
      folder: temporaryFolder('program'),
      env: { PATH: '/nowhere' },
      timeout: 1_000,
      log: keptLog(),
      secrets
    })
    expect(result).toMatchObject({ exitCode: null, end: 'not started' })
    expect(result.output).toContain('no-such-program')
  })

  test('ended by a signal has no exit code', async () => {
    expect(await script(`process.kill(process.pid, 'SIGKILL')`)).toMatchObject({ exitCode: null, end: 'killed' })
  })
})

describe('the time limit', () => {
  test('ends the program with what it started, also in groups and sessions of their own', async () => {
    const started = Date.now()
    const result = await script(
      `
      const { spawn } = require('node:child_process')
      process.on('SIGTERM', () => undefined)
      const plain = spawn('sleep', ['60'], { stdio: 'inherit' })
      console.log('plain ' + plain.pid)
      spawn('sh', ['-c', 'set -m; sleep 60 & echo group $!; wait'], { stdio: 'inherit' })
      console.log('session ' + spawn('sleep', ['60'], { stdio: 'ignore', detached: true }).pid)
      setInterval(() => undefined, 1000)
    `,
      { timeout: 1_500, env: { PATH: process.env['PATH'] ?? '' } }
    )
    expect(result.end).toBe('timed out')
    expect(Date.now() - started).toBeLessThan(10_000)
    const pids = [...result.output.matchAll(/^(?:plain|group|session) (\d+)$/gm)].map(([, pid]) => Number(pid))
    expect(pids).toHaveLength(3)
    for (const pid of pids) expect(await isGone(pid)).toBe(true)
  })
})

test('what a program leaves running ends with it, and its open pipes are not waited for', async () => {
  const started = Date.now()
  const result = await script(
    `
    const { spawn } = require('node:child_process')
    const left = spawn('sleep', ['60'], { stdio: 'inherit' })
    left.unref()
    console.log(left.pid)
    process.exit(0)
  `,
    { env: { PATH: process.env['PATH'] ?? '' } }
  )
  expect(result).toMatchObject({ exitCode: 0, end: 'exited' })
  expect(Date.now() - started).toBeLessThan(5_000)
  expect(await isGone(Number(result.output))).toBe(true)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s to us ends the program first and then us, as a cancelled job does',
  async (signal) => {
    const folder = temporaryFolder('program')
    const source = join(folder, 'parent.ts')
    const pidFile = join(folder, 'pid')
    writeFileSync(
      source,
      `import { runProgram } from ${JSON.stringify(join(import.meta.dirname, '..', '..', 'actions', 'shared', 'program.ts'))}
     const log = { info: (line: string) => console.log(line) }
     await runProgram({ program: process.execPath, args: ['-e', 'process.on("${signal}", () => {}); require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000)'],
       folder: ${JSON.stringify(folder)}, env: {}, timeout: 60000, log: log as never, secrets: { add() {}, redact: (text) => text } })`
    )
    const parent = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', source], { stdio: 'ignore' })
    for (let i = 0; i < 500 && (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === ''); i++) await sleep(20)
    const pid = Number(readFileSync(pidFile, 'utf8'))
    const ended = once(parent, 'exit')
    parent.kill(signal)
    expect(await ended).toEqual([null, signal])
    expect(await isGone(pid)).toBe(true)
  }
)

describe('what a program says', () => {
  test('cannot give the runner commands, whichever line end it uses', async () => {
    const written: string[] = []
    const write = process.stdout.write.bind(process.stdout)
    process.stdout.write = (text: string) => {
      written.push(text)
      return true
    }
    try {
      await runProgram({
        program: process.execPath,
        args: [
          '-e',
          String.raw`process.stdout.write('progress 1%\r::set-env name=A::b\n\u001b[2K::error::c\n##[error]d\n')`
        ],
        folder: temporaryFolder('program'),
        env: {},
        timeout: 20_000,
        log: runnerLog(secrets),
        secrets
      })
    } finally {
      process.stdout.write = write
    }
    const lines = written
      .join('')
      .split(/[\r\n]+/)
      .filter((line) => line !== '')
    expect(lines).toHaveLength(4)
    for (const line of lines) expect(line).not.toMatch(/^\s*::|##\[/)
  })

  test('comes without colours and control characters', async () => {
    const result = await script(String.raw`process.stdout.write('\u001b[31mred\u001b[0m\u0007 \u0000end\tof it\n')`)
    expect(result.said).toEqual(['red end\tof it'])
  })

  test('is told as one line however it was cut, also within a character', async () => {
    const result = await script(`
      const bytes = Buffer.from('größe')
      process.stdout.write(bytes.subarray(0, 3))
      setTimeout(() => process.stdout.write(Buffer.concat([bytes.subarray(3), Buffer.from('\\nno line end')])), 100)
    `)
    expect(result.said).toEqual(['größe', 'no line end'])
  })

  test('never shows a secret, also where a long line is cut', async () => {
    const result = await script(
      `process.stdout.write('key=${key}\\n' + 'x'.repeat(4090) + '${key}' + 'y'.repeat(100_000) + '\\n')`
    )
    expect(result.said[0]).toBe('key=***')
    expect(result.said[1]).toMatch(/^x{4090}\*{3}y{3}… \(\d+ more characters\)$/)
    for (const text of [...result.said, result.output]) expect(text).not.toContain(key.slice(0, 6))
  })

  test('of any length is kept to its last 64 KiB, and a line without an end to its beginning', async () => {
    const result = await script(`
      for (let i = 0; i < 20_000; i++) console.log('line ' + i)
      process.stdout.write('z'.repeat(5_000_000))
    `)
    expect(result.output.length).toBeLessThanOrEqual(65_536)
    expect(result.output).toContain('line 19999')
    expect(result.output).not.toContain('line 100\n')
    expect(result.said.at(-1)).toMatch(/^z{4096}… \(4995904 more characters\)$/)
  })
})

describe('the environment of a program that runs the project’s own code', () => {
  test('has no input, key, token or service of the runner, under whatever name a secret goes', () => {
    const env = {
      'INPUT_API-KEY': key,
      INPUT_TAG: 'v1',
      HEX_API_KEY: 'a',
      HEXPM_API_KEY: 'b',
      GITHUB_TOKEN: 'c',
      GH_TOKEN: 'd',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'e',
      ACTIONS_RUNTIME_TOKEN: 'f',
      GITHUB_ENV: '/f',
      GITHUB_OUTPUT: '/g',
      GITHUB_PATH: '/h',
      GITHUB_STATE: '/i',
      GITHUB_STEP_SUMMARY: '/j',
      HEX_OTP: '123456',
      MY_OWN_NAME: `prefix ${key}`,
      BASE64: Buffer.from(key).toString('base64'),
      PATH: '/usr/bin',
      HOME: '/home/x',
      MIX_ENV: 'dev',
      GITHUB_REPOSITORY: 'octo/cat',
      UNSET: undefined
    }
    expect(childEnvironment(env, { secrets })).toEqual({
      PATH: '/usr/bin',
      HOME: '/home/x',
      MIX_ENV: 'dev',
      GITHUB_REPOSITORY: 'octo/cat'
    })
  })

  test('looks for programs in the given folders first', () => {
    const env = childEnvironment({ PATH: '/usr/bin' }, { path: ['/otp/bin', '/elixir/bin'] })
    expect(env).toEqual({ PATH: ['/otp/bin', '/elixir/bin', '/usr/bin'].join(delimiter) })
    expect(childEnvironment({ Path: 'C:\\x' }, { path: ['D:\\y'] })).toEqual({
      Path: ['D:\\y', 'C:\\x'].join(delimiter)
    })
  })

  test('a program is found as it would be started', () => {
    const [first, second] = [temporaryFolder('path'), temporaryFolder('path')]
    writeFileSync(join(first, 'mix'), 'not executable')
    writeFileSync(join(second, 'mix'), '#!/bin/sh\n')
    chmodSync(join(second, 'mix'), 0o755)
    expect(findProgram('mix', { PATH: [first, second].join(delimiter) })).toBe(join(second, 'mix'))
    expect(findProgram('mix', { PATH: first })).toBeUndefined()
  })
})
