// needs: python3
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import net from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sdist, wheel, writeFiles } from '../support/distributions.ts'
import { pythonWith } from '../support/python.ts'
import { runAction, temporaryFolder, type ActionRun } from '../support/run-action.ts'

/** An index that others wrote, as pypi-publish is pointed at it. */
interface Index {
  readonly upload: string
  readonly simple: string
  readonly user: string
  readonly password: string
}

const running: ChildProcess[] = []
afterAll(() => {
  for (const child of running) child.kill()
})

/**
 * A port that nobody listens on, below those that systems hand out by themselves (32768 and up on Linux): between the
 * look and the server's start, no other test can get it.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = net.createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => {
        resolve(false)
      })
      server.listen(port, '127.0.0.1', () => {
        resolve(true)
      })
    })
    await new Promise((resolve) => server.close(resolve))
    if (free) return port
  }
}

/** Starts a server and waits until it answers at `url`. */
async function start(program: string, argv: readonly string[], url: string): Promise<void> {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  for (let waited = 0; waited < 60_000; waited += 100) {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${said}`)
    try {
      await fetch(url)
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error(`${program} does not answer:\n${said}`)
}

async function pypiserver(): Promise<Index> {
  const python = await pythonWith(['pypiserver==2.4.2'])
  const packages = join(temporaryFolder('pypiserver'), 'packages')
  mkdirSync(packages)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const options = ['-i', '127.0.0.1', '-p', String(port), '-P', '.', '-a', '.', '--hash-algo', 'sha256']
  await start(python, ['-m', 'pypiserver', 'run', ...options, packages], url)
  return { upload: url, simple: `${url}simple/`, user: 'someone', password: 'something' }
}

async function devpi(): Promise<Index> {
  const python = await pythonWith(['devpi-server==6.20.3'])
  const program = (name: string): string => join(dirname(python), name)
  const folder = temporaryFolder('devpi')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const init = spawn(program('devpi-init'), ['--serverdir', folder, '--no-root-pypi', '--root-passwd', 'r00t-pass'])
  await new Promise((resolve) => init.on('close', resolve))
  await start(
    program('devpi-server'),
    ['--serverdir', folder, '--host', '127.0.0.1', '--port', String(port), '--offline-mode'],
    `${url}/+api`
  )
  const call = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {}
  ): Promise<Record<string, unknown>> => {
    const answer = await fetch(url + path, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers }
    })
    if (!answer.ok) throw new Error(`devpi: ${method} ${path} → ${answer.status} ${await answer.text()}`)
    return ((await answer.json()) as { result: Record<string, unknown> }).result
  }
  const login = await call('POST', '/+login', { user: 'root', password: 'r00t-pass' })
  const authorization = { 'X-Devpi-Auth': Buffer.from(`root:${String(login['password'])}`).toString('base64') }
  await call('PUT', '/root/dev', { type: 'stage', bases: [], volatile: false }, authorization)
  return { upload: `${url}/root/dev/`, simple: `${url}/root/dev/+simple/`, user: 'root', password: 'r00t-pass' }
}

describe.each([
  ['pypiserver', pypiserver],
  ['devpi', devpi]
])('pypi-publish to %s', (_name, server) => {
  let index: Index
  let workspace: string
  const platformWheel = wheel({ tag: 'cp312-cp312-manylinux_2_17_x86_64' })
  beforeAll(async () => {
    index = await server()
    workspace = temporaryFolder('workspace')
    writeFiles(join(workspace, 'dist'), wheel(), platformWheel, sdist())
  })

  const publish = (folder = workspace): Promise<ActionRun> =>
    runAction('pypi-publish', {
      workspace: folder,
      inputs: {
        tag: 'v1.0.0',
        index: index.upload,
        'check-url': index.simple,
        user: index.user,
        password: index.password
      }
    })
  const statuses = (run: ActionRun): string[] =>
    (JSON.parse(run.outputs['files'] ?? '[]') as { status: string }[]).map(({ status }) => status)

  test('publishes wheels and sdist, and pip finds them there', async () => {
    const run = await publish()
    expect([run.outputs['status'], run.exitCode === 0 ? '' : run.stdout]).toEqual(['published', ''])
    const python = await pythonWith(['packaging==26.3'])
    const target = temporaryFolder('download')
    const pip = spawn(
      python,
      [
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--only-binary',
        ':all:',
        '-i',
        index.simple,
        '-d',
        target,
        'demo-pkg==1.0.0'
      ],
      {
        env: { PATH: process.env['PATH'], HOME: target, PIP_CONFIG_FILE: '/dev/null' }
      }
    )
    await new Promise((resolve) => pip.on('close', resolve))
    expect(readdirSync(target)).toContain('demo_pkg-1.0.0-py3-none-any.whl')
  })

  test('a second run with the same bytes writes nothing', async () => {
    const run = await publish()
    expect([run.exitCode, run.outputs['status'], statuses(run)]).toEqual([
      0,
      'unchanged',
      ['unchanged', 'unchanged', 'unchanged']
    ])
  })

  test('other bytes under the same name stop the run and name both hashes', async () => {
    const other = temporaryFolder('other')
    writeFiles(join(other, 'dist'), wheel({ files: { 'demo_pkg/more.py': '# other\n' } }), sdist())
    const run = await publish(other)
    expect(run.exitCode).toBe(1)
    expect(run.stdout.match(/[0-9a-f]{64}/g)?.length).toBeGreaterThanOrEqual(2)
    expect(run.outputs['status']).toBe('failed')
  })

  test('a wheel that a first run did not have is added', async () => {
    const more = temporaryFolder('more')
    writeFiles(join(more, 'dist'), wheel(), platformWheel, wheel({ tag: 'py3-none-win_amd64' }), sdist())
    const run = await publish(more)
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'published'])
    expect(statuses(run).toSorted()).toEqual(['published', 'unchanged', 'unchanged', 'unchanged'])
  })
})

test('a wrong password for devpi is told as one, and nothing is written', async () => {
  const index = await devpi()
  const workspace = temporaryFolder('workspace')
  writeFiles(join(workspace, 'dist'), wheel())
  const run = await runAction('pypi-publish', {
    workspace,
    inputs: { tag: 'v1.0.0', index: index.upload, 'check-url': index.simple, user: 'root', password: 'wr0ng-passw0rd' }
  })
  expect(run.exitCode).toBe(1)
  expect(run.everything).not.toContain('wr0ng-passw0rd')
  expect(run.annotations.map(({ message }) => message).join('\n')).toMatch(/401|403/)
})
