import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actionNames } from '../scripts/build.ts'
import { inTurn, median, type Command } from './measure.ts'

const dist = join(import.meta.dirname, '..', 'dist')

/** Start of each bundle up to its first complaint about its inputs, against a Node that does nothing. */
export async function startOfBundles(rounds = 15): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'release-actions-bench-'))
  // migration-guard needs no input, so that it gets one that is wrong.
  const env = { GITHUB_ACTIONS: 'true', RUNNER_TEMP: folder, GITHUB_WORKSPACE: folder, 'INPUT_FAIL-ON': 'nothing' }
  const commands: Command[] = [
    { name: 'node -e 0', argv: [process.execPath, '-e', '0'], env },
    ...actionNames.map((name) => ({
      name,
      argv: [process.execPath, join(dist, name, 'index.js')],
      env,
      cwd: folder,
      expectedStatus: 1
    }))
  ]
  const results = await inTurn(commands, rounds)
  rmSync(folder, { recursive: true })
  const bare = median((results.get('node -e 0') ?? []).map(({ wall }) => wall))
  const rows = [...results].map(([name, runs]) => {
    const wall = median(runs.map((run) => run.wall))
    const memory = median(runs.map((run) => run.memory))
    return `| ${name} | ${(wall * 1000).toFixed(0)} ms | ${(wall / bare).toFixed(1)} | ${(memory / 2 ** 20).toFixed(0)} MiB |`
  })
  return ['| process | wall, median | × `node -e 0` | peak memory |', '| --- | ---: | ---: | ---: |', ...rows].join(
    '\n'
  )
}
