import { execFile } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { lend } from '../../rehearse/lent-programs.ts'
import { lockKey } from '../../rehearse/lock-key.ts'
import { readTold } from '../../rehearse/told.ts'
import { temporaryFolder } from '../support/run-action.ts'

let work: string
let programs: string

beforeEach(() => {
  work = temporaryFolder('lent')
  programs = join(work, 'programs')
  mkdirSync(programs)
})

async function run(name: string, args: readonly string[], cwd = work): Promise<string> {
  const env = {
    PATH: [programs, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: work,
    REHEARSAL_FOLDER: work
  }
  return (await promisify(execFile)(join(programs, name), [...args], { cwd, env })).stdout
}

describe('a program that is lent', () => {
  test('runs with the arguments of whoever calls it, and is told then', async () => {
    const command = [process.execPath, '-p', 'process.argv.slice(1).join("|")', '--', "it's"]
    lend(programs, work, [{ name: 'pg_dump', command, remark: "somebody's pg_dump" }])
    expect(await run('pg_dump', ['--version'])).toBe("it's|--version\n")
    expect(readTold(work).remarks).toEqual([])
    expect(await run('pg_dump', ['-Fc', 'a b'])).toBe("it's|-Fc|a b\n")
    expect(readTold(work).remarks).toEqual(["somebody's pg_dump"])
  })
})

describe('the npm that is lent', () => {
  const standIn = join(import.meta.dirname, '..', '..', 'rehearse', 'npm-stand-in.ts')
  let project: string
  let store: string

  beforeEach(() => {
    project = join(work, 'project')
    store = join(work, 'store')
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{"name": "shop", "scripts": {"hello": "echo hello"}}')
    writeFileSync(join(project, 'package-lock.json'), '{"name": "shop", "lockfileVersion": 3}')
    for (const name of ['left-pad', '@scope/one', '.bin']) {
      const folder = join(store, lockKey(project), 'node_modules', name)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'package.json'), '{}')
    }
    lend(programs, work, [{ name: 'npm', command: [process.execPath, standIn, store, programs] }])
  })

  test.each([['ci'], ['install'], ['ci --ignore-scripts']])('links the installation on `npm %s`', async (args) => {
    writeFileSync(join(project, 'unrelated'), '')
    expect(await run('npm', args.split(' '), project)).toContain('added 2 packages')
    const modules = join(project, 'node_modules')
    expect(readdirSync(modules).toSorted()).toEqual(['.bin', '@scope', 'left-pad'])
    expect(lstatSync(join(modules, 'left-pad')).isSymbolicLink()).toBe(true)
    expect(realpathSync(join(modules, '@scope', 'one'))).toContain(realpathSync(store))
    expect(readTold(work).remarks).toEqual([expect.stringMatching(/^npm ci: .* their install scripts did not run$/)])
  })

  test('is npm itself for everything else', async () => {
    expect(await run('npm', ['run', 'hello'], project)).toContain('hello')
    expect(existsSync(join(project, 'node_modules'))).toBe(false)
    expect(readTold(work).remarks).toEqual([])
  })

  test('knows an installation by the lock file and by what it was made of', () => {
    const before = lockKey(project)
    writeFileSync(join(project, 'package-lock.json'), '{"name": "shop", "lockfileVersion": 2}')
    const other = lockKey(project)
    expect(other).not.toBe(before)
    writeFileSync(join(project, 'package.json'), '{"name": "shop"}')
    expect(lockKey(project)).not.toBe(other)
  })
})
