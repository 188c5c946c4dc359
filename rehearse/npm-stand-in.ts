// What jobs run as `npm`: `npm ci` links what was installed for the lock file beforehand; everything else is npm's own.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { lockKey } from './lock-key.ts'
import { remark } from './stand-ins/shared/runner.ts'

const [store = '', programs = '', ...args] = process.argv.slice(2)
const words = args.filter((arg) => !arg.startsWith('-'))
const installs =
  words.length === 1 &&
  ['ci', 'clean-install', 'install', 'i'].includes(words[0] ?? '') &&
  !args.some((arg) => /^(--prefix|-C|-g|--global|--workspace|-w)\b/.test(arg)) &&
  existsSync('package-lock.json') &&
  existsSync('package.json')
const installed = installs ? join(store, lockKey('.'), 'node_modules') : ''

if (installs && existsSync(installed)) {
  rmSync('node_modules', { recursive: true, force: true })
  const count = link(installed, 'node_modules')
  process.stdout.write(`\nadded ${count} packages\n`)
  remark(
    'npm ci: the packages of the lock file are links to an installation outside of the job, made once from the registry of this machine; their install scripts did not run'
  )
} else {
  const own = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== programs)
  const { status } = spawnSync('npm', args, { stdio: 'inherit', env: { ...process.env, PATH: own.join(delimiter) } })
  process.exitCode = status ?? 1
}

/** Each package as a link, so that what a step makes beside them (`node_modules/.cache`) stays in the job. */
function link(from: string, to: string): number {
  mkdirSync(to, { recursive: true })
  let count = 0
  for (const name of readdirSync(from)) {
    if (name.startsWith('@')) count += link(join(from, name), join(to, name))
    else {
      symlinkSync(join(from, name), join(to, name))
      if (!name.startsWith('.')) count += 1
    }
  }
  return count
}
