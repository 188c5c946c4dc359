import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startSandbox } from '../sandbox/sandbox.ts'
import { sdist, wheel, writeFiles } from '../tests/support/distributions.ts'
import { pythonWith } from '../tests/support/python.ts'
import { inTurn, median, type Command } from './measure.ts'

/** Milliseconds that every request waits before it is answered: a near index has about this round trip. */
const latency = 50
const wheels = 27
/** Bytes of random content in each distribution, so that nothing compresses. */
const payload = 2 ** 20

/** 28 distributions to one index, same files, same server: pypi-publish, twine upload, uv publish. */
export async function uploadsAgainstPeers(rounds = 5): Promise<string> {
  const python = await pythonWith(['twine==7.0.0', 'uv==0.13.8'])
  const program = (name: string): string => join(dirname(python), name)
  const folder = mkdtempSync(join(tmpdir(), 'release-actions-bench-'))
  const built = [
    ...Array.from({ length: wheels }, (_, n) =>
      wheel({
        tag: `cp3${9 + (n % 5)}-none-manylinux_2_${17 + Math.floor(n / 5)}_x86_64`,
        files: { 'demo_pkg/blob.bin': randomBytes(payload) }
      })
    ),
    sdist({ files: { 'blob.bin': randomBytes(payload) } })
  ]
  const dist = join(folder, 'dist')
  const paths = writeFiles(dist, ...built)

  const sandbox = await startSandbox()
  const token = 'pypi-bench-token'
  sandbox.pypi.addToken({ token })
  const empty = sandbox.pypi.save()
  sandbox.intercept((_request, moment) =>
    moment === 'before' ? new Promise((resolve) => setTimeout(resolve, latency)) : undefined
  )
  const before = (): void => {
    sandbox.pypi.load(empty)
  }
  const index = sandbox.address('pypi')
  const upload = new URL('legacy/', index).href
  const home = { HOME: folder }
  const commands: Command[] = [
    {
      name: 'pypi-publish',
      argv: [process.execPath, join(import.meta.dirname, '..', 'dist', 'pypi-publish', 'index.js')],
      env: {
        ...home,
        RUNNER_TEMP: folder,
        GITHUB_WORKSPACE: folder,
        INPUT_TAG: 'v1.0.0',
        INPUT_INDEX: upload,
        'INPUT_CHECK-URL': new URL('simple/', index).href,
        INPUT_USER: '__token__',
        INPUT_PASSWORD: token
      },
      cwd: folder,
      before
    },
    {
      name: 'twine upload',
      argv: [
        program('twine'),
        'upload',
        '--non-interactive',
        '--disable-progress-bar',
        '--repository-url',
        upload,
        '-u',
        '__token__',
        '-p',
        token,
        ...paths
      ],
      env: home,
      cwd: folder,
      before
    },
    {
      name: 'uv publish',
      argv: [program('uv'), 'publish', '--quiet', '--publish-url', upload, '--token', token, ...paths],
      env: home,
      cwd: folder,
      before
    }
  ]
  try {
    const results = await inTurn(commands, rounds)
    const ours = median((results.get('pypi-publish') ?? []).map(({ wall }) => wall))
    const rows = [...results].map(([name, runs]) => {
      const wall = median(runs.map((run) => run.wall))
      const cpu = median(runs.map((run) => run.cpu))
      const memory = median(runs.map((run) => run.memory))
      return `| ${name} | ${wall.toFixed(2)} s | ${(wall / ours).toFixed(2)} | ${cpu.toFixed(2)} s | ${(memory / 2 ** 20).toFixed(0)} MiB |`
    })
    return [
      '| program | wall, median | × pypi-publish | CPU | peak memory |',
      '| --- | ---: | ---: | ---: | ---: |',
      ...rows
    ].join('\n')
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true })
  }
}
