import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts'
import { findTool, toolFolder, tools } from '../scripts/tools.ts'
import { hexTarball } from '../tests/support/hex-tarball.ts'
import { inTurn, median, type Command } from './measure.ts'

const key = '5ec2e7a0c0ffee00feedface0badcafe'
const day = 24 * 3_600_000
const path = `${toolFolder}${delimiter}${process.env['PATH'] ?? ''}`

/**
 * A ready tarball and a ready folder of docs to one Hex, the package's second version: hex-publish, and hex_core from an
 * escript that makes the same requests. Beside them, how long rebar3 and mix take to say their version.
 */
export async function hexAgainstPeers(rounds = 15): Promise<string> {
  for (const tool of tools.filter(({ name }) => ['escript', 'rebar3', 'mix'].includes(name))) {
    if (findTool(tool) === undefined) await tool.install?.()
  }
  const folder = mkdtempSync(join(tmpdir(), 'release-actions-bench-'))
  const sandbox = await startSandbox()
  try {
    const empty = oneVersion(sandbox)
    const asked = requestsOf(sandbox)
    const before = (name: string) => (): void => {
      empty()
      asked.begin(name)
    }
    writeFileSync(join(folder, 'demo.tar'), hexTarball())
    mkdirSync(join(folder, 'doc'))
    writeFileSync(join(folder, 'doc', 'index.html'), '<!doctype html><title>demo_schema</title>')
    const beams = hexCoreOf(folder)
    const address = sandbox.address('hex').href
    const escript = (name: string, api: string, repository: string, ...road: readonly string[]): Command => ({
      name,
      argv: [
        'escript',
        join(import.meta.dirname, 'hex-core', 'publish.escript'),
        api,
        repository,
        join(folder, 'demo.tar'),
        join(folder, 'doc'),
        'demo_schema',
        '0.0.9',
        '0.1.0',
        ...road
      ],
      env: { PATH: path, HOME: folder, HEX_API_KEY: key, ERL_FLAGS: `-pa ${beams}` },
      cwd: folder,
      before: before(name)
    })
    const commands: Command[] = [
      {
        name: 'hex-publish',
        argv: [process.execPath, bundle()],
        env: {
          ...sandbox.environment(),
          // For programs that use Node's fetch. It makes Node load that at its start, and no runner sets it.
          NODE_USE_ENV_PROXY: '',
          HOME: folder,
          RUNNER_TEMP: folder,
          GITHUB_WORKSPACE: folder,
          GITHUB_REF: 'refs/tags/v0.1.0',
          INPUT_TARBALL: '*.tar',
          'INPUT_DOCS-FOLDER': 'doc',
          'INPUT_API-KEY': key
        },
        cwd: folder,
        before: before('hex-publish')
      },
      escript(
        'hex_core, the same road',
        'https://hex.pm/api',
        'https://repo.hex.pm',
        sandbox.proxy.port,
        sandbox.caFile
      ),
      escript('hex_core, plain http', `${address}api`, `${address}repo`, 'direct'),
      { name: 'rebar3 version', argv: ['rebar3', 'version'], env: { PATH: path, HOME: folder }, cwd: folder },
      { name: 'mix --version', argv: ['mix', '--version'], env: { PATH: path, HOME: folder }, cwd: folder }
    ]
    const results = await inTurn(commands, rounds)
    const ours = median((results.get('hex-publish') ?? []).map(({ wall }) => wall))
    const rows = [...results].map(([name, runs]) => {
      const wall = median(runs.map((run) => run.wall))
      const cpu = median(runs.map((run) => run.cpu))
      const memory = median(runs.map((run) => run.memory))
      return `| ${name} | ${(wall * 1000).toFixed(0)} ms | ${(wall / ours).toFixed(2)} | ${(cpu * 1000).toFixed(0)} ms | ${(memory / 2 ** 20).toFixed(0)} MiB |`
    })
    return [
      '| program | wall, median | × hex-publish | CPU | peak memory |',
      '| --- | ---: | ---: | ---: | ---: |',
      ...rows,
      '',
      ...asked.told()
    ].join('\n')
  } finally {
    await sandbox.close()
    rmSync(folder, { recursive: true })
  }
}

/** The bundle of the repository, or of another folder while it is worked on. */
function bundle(): string {
  return join(process.env['RELEASE_ACTIONS_DIST'] ?? join(import.meta.dirname, '..', 'dist'), 'hex-publish', 'index.js')
}

/** Puts Hex back to the state in which the package has one version. */
function oneVersion({ hex }: Sandbox): () => void {
  hex.addUser({ username: 'maintainer', keys: [key] })
  // A run makes a dozen requests, and Hex counts them by the minute.
  hex.setSettings({ rateLimits: false })
  const release = (name: string, version: string, requirements?: []): void => {
    const metadata = { name, app: name, version, ...(requirements === undefined ? {} : { requirements }) }
    hex.addRelease(hexTarball({ metadata }), { insertedAt: Date.now() - 90 * day })
  }
  release('ecto_sql', '3.11.0', [])
  release('demo_schema', '0.0.9')
  const saved = hex.save()
  return () => {
    hex.load(saved)
  }
}

/** Which requests each program made in its last run. */
function requestsOf(sandbox: Sandbox): { begin(name: string): void; told(): readonly string[] } {
  const runs = new Map<string, { readonly from: number; to: number }>()
  let current: { readonly from: number; to: number } | undefined
  const end = (): void => {
    if (current !== undefined) current.to = sandbox.requests.length
  }
  return {
    begin(name) {
      end()
      current = { from: sandbox.requests.length, to: 0 }
      runs.set(name, current)
    },
    told() {
      end()
      return [...runs].map(([name, { from, to }]) => {
        const lines = sandbox.requests
          .slice(from, to)
          .map(({ method, url }) => `${method} ${new URL(url).pathname.replace(/^\/(?:api|repo)(?=\/)/, '')}`)
        return `- ${name}, ${lines.length} requests: ${lines.join(', ')}`
      })
    }
  }
}

/** Takes hex_core out of rebar3's archive and compiles what the escript needs beside it. */
function hexCoreOf(folder: string): string {
  const beams = join(folder, 'beams')
  mkdirSync(beams)
  const env = { PATH: path, HOME: folder }
  const source = join(import.meta.dirname, 'hex-core')
  execFileSync('escript', [join(source, 'unzip.escript'), beams], { env })
  execFileSync('erlc', ['-o', beams, join(source, 'hex_core_over_proxy.erl')], { env })
  return beams
}
