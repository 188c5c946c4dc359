import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { runAct } from '../../rehearse/act.ts'
import { temporaryFolder } from '../support/run-action.ts'

/** Stands for act: starts a step in a group of its own, as act does, and ends when that does. */
const starter = `
const { spawn } = require('node:child_process')
const step = spawn(process.execPath, ['-e', process.argv[1]], { detached: true, stdio: 'inherit' })
process.on('SIGTERM', () => {})
step.on('exit', () => process.exit(1))`
/** Stands for a step with \`trap '' TERM\`; it says that it is there by a file. */
const deaf = `
process.on('SIGTERM', () => {})
require('node:fs').writeFileSync(process.env.MARK + '/step', String(process.pid))
setInterval(() => {}, 1000)`
/** Leaves a process behind that is nobody's child any more and holds act's output open. */
const leaver = `
const { spawn } = require('node:child_process')
const left = spawn(process.execPath, ['-e', process.argv[1]], { detached: true, stdio: 'inherit' })
left.unref()
setInterval(() => { if (require('node:fs').existsSync(process.env.MARK + '/step')) process.exit(0) }, 20)`

function start(program: string, signal: AbortSignal) {
  const folder = temporaryFolder('act')
  const ran = runAct({
    program: process.execPath,
    args: ['-e', program, deaf],
    folder,
    environment: { MARK: folder },
    mark: 'MARK',
    onLine: () => undefined,
    signal
  })
  return { ran, folder, pidFile: join(folder, 'step') }
}

async function processIn(file: string): Promise<number> {
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await wait(20)
  return Number(readFileSync(file, 'utf8'))
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    // A zombie has ended; whoever is its parent by now has not asked for it yet.
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${id}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const onPosix = process.platform === 'win32' ? test.skip : test

describe('act', () => {
  test('does not start when the rehearsal was told to end before', async () => {
    const { ran, pidFile } = start(starter, AbortSignal.abort(new Error('told to end')))
    await expect(ran).rejects.toThrow('told to end')
    expect(existsSync(pidFile)).toBe(false)
  })

  onPosix(
    'ends within seconds with a step that does not hear SIGTERM',
    async () => {
      const controller = new AbortController()
      const { ran, pidFile } = start(starter, controller.signal)
      const step = await processIn(pidFile)
      const before = Date.now()
      controller.abort()
      await ran
      expect(Date.now() - before).toBeLessThan(6000)
      expect(isAlive(step)).toBe(false)
    },
    15_000
  )

  const onLinux = process.platform === 'linux' ? test : test.skip
  onLinux(
    'takes along what a step left running behind it',
    async () => {
      const { ran, pidFile } = start(leaver, new AbortController().signal)
      const left = await processIn(pidFile)
      expect(await ran).toMatchObject({ exitCode: 0 })
      await wait(100)
      expect(isAlive(left)).toBe(false)
    },
    15_000
  )
})
