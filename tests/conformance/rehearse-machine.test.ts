// needs: act
// Nothing of the machine reaches a rehearsed job, and nothing of a job's secrets reaches what is shown.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { once } from 'node:events'
import { describe, expect, test } from '@jest/globals'
import { folderOf, rehearseWorkflow, summaries } from '../rehearse/rehearse-folder.ts'
import { temporaryFolder } from '../support/run-action.ts'

const project = join(import.meta.dirname, '..', '..')
const planted = 'planted-8f3c1d'

/** Runs the command itself, in an environment of its own. */
async function command(args: readonly string[], env: Readonly<Record<string, string>>) {
  return new Promise<{ code: number; text: string }>((resolve) => {
    const entry = join(project, 'rehearse', 'index.ts')
    execFile(
      process.execPath,
      [entry, ...args],
      { env: { ...env }, cwd: project, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, text: stdout + stderr })
      }
    )
  })
}

function everyFile(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}

describe('the machine', () => {
  test('stays out: its variables, home, git configuration, credentials, and act’s default files', async () => {
    const home = temporaryFolder('home')
    const plant = (path: string, text: string): void => {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      writeFileSync(join(home, path), text)
    }
    plant(
      '.gitconfig',
      `[user]\n\tname = ${planted}\n[url "https://${planted}@example.com/"]\n\tinsteadOf = https://github.com/\n`
    )
    plant('.config/git/config', `[alias]\n\tplanted = ${planted}\n`)
    plant('.git-credentials', `https://x:${planted}@github.com\n`)
    plant('.netrc', `machine api.github.com login x password ${planted}\n`)
    plant('.pypirc', `[pypi]\nusername = __token__\npassword = ${planted}\n`)
    plant('.npmrc', `//npm.example/:_authToken=${planted}\n`)
    plant('.config/pip/pip.conf', `[global]\nextra-index-url = https://${planted}.example/simple\n`)
    plant('.config/gh/hosts.yml', `github.com:\n  oauth_token: ${planted}\n`)
    plant('.actrc', `--env PLANTED_ACTRC=${planted}\n`)
    plant('.config/act/actrc', `--env PLANTED_XDG=${planted}\n`)

    const look = [
      'env',
      'git config --list --show-origin',
      'cat ~/.gitconfig ~/.netrc ~/.pypirc ~/.npmrc ~/.git-credentials 2>/dev/null',
      'ls -AR ~ . .git/hooks',
      'cat .env .secrets .vars .input 2>/dev/null',
      'python -m pip config list',
      'echo "${{ secrets.PLANTED }}${{ vars.PLANTED }}${{ inputs.PLANTED }}"',
      'curl -sS -n -o /dev/null https://api.github.com/rate_limit'
    ]
    const repository = folderOf({
      '.github/workflows/release.yml': `
on: {push: , workflow_dispatch: {inputs: {PLANTED: {}}}}
jobs:
  look:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - {shell: bash, run: '(${look.join('; ')}) >> "$GITHUB_STEP_SUMMARY" 2>&1 || true'}`,
      '.env': `PLANTED_ENV=${planted}`,
      '.secrets': `PLANTED=${planted}`,
      '.vars': `PLANTED=${planted}`,
      '.input': `PLANTED=${planted}`,
      '.actrc': `--env PLANTED_FOLDER=${planted}\n`
    })
    const report = temporaryFolder('report')
    const { code, text } = await command(['--repo', repository, '--tag', 'v1.0.0', '--report', report], {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      ...Object.fromEntries(
        [
          'GITHUB_TOKEN',
          'GH_TOKEN',
          'TWINE_PASSWORD',
          'UV_PUBLISH_TOKEN',
          'AWS_SECRET_ACCESS_KEY',
          'SSH_AUTH_SOCK',
          'HEX_API_KEY',
          'GIT_ASKPASS',
          'NETRC',
          'PIP_EXTRA_INDEX_URL'
        ].map((name) => [name, planted])
      )
    })
    expect(text).not.toContain(planted)
    const written = everyFile(report)
    expect(written).toContain('GITHUB_REPOSITORY=octo-org/')
    expect(written).not.toContain(planted)
    expect(written).not.toContain(`${home}/`)
    expect(code).toBe(0)
  })

  test('has no listener for others, and nothing asks for news', async () => {
    // Linux tells in /proc who listens where; the step looks at every process above itself up to the rehearsal.
    const look = `
      import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
      const open = new Set()
      for (const table of ['tcp', 'tcp6']) for (const line of readFileSync('/proc/net/' + table, 'utf8').split('\\n').slice(1)) {
        const [, address, , state, , , , , , inode] = line.trim().split(/\\s+/)
        if (state === '0A') open.add(inode + ' ' + address)
      }
      const above = []
      for (let pid = process.pid; pid > 1 && above.length < 12; ) {
        const stat = readFileSync('/proc/' + pid + '/stat', 'utf8')
        const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
        const sockets = readdirSync('/proc/' + pid + '/fd').map((fd) => { try { return readlinkSync('/proc/' + pid + '/fd/' + fd) } catch { return '' } })
        for (const entry of open) {
          const [inode, address] = entry.split(' ')
          if (sockets.includes('socket:[' + inode + ']')) console.log('LISTENS ' + name + ' ' + address)
        }
        above.push(name)
        pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      }
      console.log('ABOVE ' + above.join(' '))`
    if (process.platform !== 'linux') return
    const rehearsed = await rehearseWorkflow(
      `on: push\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v4}, {shell: bash, run: 'node look.mjs >> "$GITHUB_STEP_SUMMARY"'}]}}`,
      { 'look.mjs': look }
    )
    const text = summaries(rehearsed)
    expect(text).toMatch(/ABOVE .*\bact\b/)
    const addresses = [...text.matchAll(/LISTENS \S+ (\S+):\w+/g)].map(([, address]) => address)
    // The sandbox's own, in this process: 127.0.0.1 in the byte order of /proc.
    expect(new Set(addresses)).toEqual(new Set(['0100007F']))
    expect(rehearsed.outcome.requests).toEqual([])
  })

  test('keeps its Python: what a job installs is gone with the job', async () => {
    const rehearsed = await rehearseWorkflow(
      `on: push
jobs:
  one: {runs-on: x, steps: [{uses: actions/setup-python@v5, with: {python-version: '3.x'}}, {shell: bash, run: 'python -c "import sys; assert sys.prefix != sys.base_prefix"; which python pip >> "$GITHUB_STEP_SUMMARY"'}]}
  two: {runs-on: x, steps: [{shell: bash, run: 'python -c "import sys; assert sys.prefix != sys.base_prefix"; which python pip >> "$GITHUB_STEP_SUMMARY"; python -m pip list'}]}`
    )
    expect(rehearsed.outcome.verdict).toBe('green')
    const folders = (process.env['PATH'] ?? '').split(delimiter)
    for (const line of summaries(rehearsed).trim().split(/\s+/)) expect(folders).not.toContain(dirname(line))
  })
})

describe('a rehearsal that is stopped', () => {
  const workflow = `on: push
jobs:
  a: {runs-on: x, steps: [{run: 'true'}, {shell: bash, run: 'echo $$ > "$PID_FILE"; exec sleep 300'}]}`
  const onPosix = process.platform === 'win32' ? test.skip : test

  /** Starts the command on a workflow whose second step sleeps, with a folder for temporary files that is its own. */
  function sleeper() {
    const temp = temporaryFolder('temp')
    const pidFile = join(temporaryFolder('pid'), 'pid')
    const repository = folderOf({ '.github/workflows/release.yml': workflow.replace('$PID_FILE', pidFile) })
    const child = spawn(
      process.execPath,
      [
        join(project, 'rehearse', 'index.ts'),
        '--repo',
        repository,
        '--tag',
        'v1',
        '--report',
        join(repository, 'report')
      ],
      { env: { ...process.env, TMPDIR: temp, NODE_DISABLE_COMPILE_CACHE: '1' }, stdio: ['ignore', 'pipe', 'ignore'] }
    )
    const step = async (): Promise<number> => {
      while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') {
        if (child.exitCode !== null) throw new Error(`the rehearsal ended with ${String(child.exitCode)}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      return Number(readFileSync(pidFile, 'utf8'))
    }
    return { child, temp, step }
  }

  onPosix.each([
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const)('by %s ends, and leaves no process and no file', async (signal, exitCode) => {
    const { child, temp, step } = sleeper()
    child.stdout.resume()
    const pid = await step()
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([exitCode, null])
    expect(readdirSync(temp)).toEqual([])
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  onPosix('by a reader that has gone ends, and leaves no file', async () => {
    const { child, temp } = sleeper()
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await once(child, 'exit')).toEqual([141, null])
    expect(readdirSync(temp)).toEqual([])
  })
})

describe('secrets', () => {
  test('are made up, masked everywhere, and told by the hosts that saw them', async () => {
    const given = 'pypi-given-to-the-command-1234567890'
    const rehearsed = await rehearseWorkflow(
      `on: push
jobs:
  a:
    runs-on: x
    steps:
      - name: shows \${{ secrets.MINE }}
        shell: bash
        run: |
          echo "\${{ secrets.MINE }}" "\${{ secrets.GIVEN_PYPI }}" | tee -a "$GITHUB_STEP_SUMMARY"
          echo "::error::\${{ secrets.MINE }}"
          echo "::add-mask::made-while-running"; echo "made-while-running" >> "$GITHUB_STEP_SUMMARY"
          curl -sS -o /dev/null -u "__token__:\${{ secrets.GIVEN_PYPI }}" https://test.pypi.org/simple/
          test "\${{ secrets.GIVEN_PYPI }}" = "${given.slice(0, 10)}"'${given.slice(10)}'`,
      {},
      ['--secret', `GIVEN_PYPI=${given}`]
    )
    const { outcome, said, report } = rehearsed
    expect(outcome.verdict).toBe('green')
    const shown = [
      said,
      readFileSync(report.page, 'utf8'),
      everyFile(dirname(report.page)),
      JSON.stringify(outcome)
    ].join('\n')
    expect(shown).not.toMatch(/rehearsed-mine-\w/)
    expect(shown).not.toContain(given)
    expect(shown).not.toContain('made-while-running\n')
    expect(summaries(rehearsed)).toContain('*** ***')
    expect(outcome.presented).toContainEqual({ secret: 'GIVEN_PYPI', hosts: ['test.pypi.org'] })
  })
})

describe('what a workflow prints', () => {
  test('cannot break the terminal or the page', async () => {
    const { said, report } = await rehearseWorkflow(
      `on: push
jobs:
  a:
    name: "x \\e[31m\\e]0;title\\a"
    runs-on: x
    steps:
      - name: "<script>alert(1)</script> \\e[2J"
        shell: bash
        run: |
          printf '\\033[2J\\033]0;title\\007<img src=x onerror=alert(1)>\\n' | tee -a "$GITHUB_STEP_SUMMARY"
          exit 1`
    )
    expect(said.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    const [, body = ''] = readFileSync(report.page, 'utf8').split('<body>')
    expect(body).not.toMatch(/<(script|img)/)
  })
})
