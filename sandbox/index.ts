import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { ActionError, describe } from '../actions/shared/problem.ts'
import { parseCommandLine, shellCommands, usage, type CommandLine } from './command-line.ts'
import type { LoggedRequest } from './request-log.ts'
import { startSandbox, type Sandbox } from './sandbox.ts'

try {
  const line = parseCommandLine(process.argv.slice(2), process.platform)
  if (line.help) process.stdout.write(usage)
  else await run(line)
} catch (error) {
  if (!(error instanceof ActionError)) throw error
  process.stderr.write(`${error.problems.map(describe).join('\n')}\n`)
  process.exitCode = 1
}

async function run(line: CommandLine): Promise<void> {
  const sandbox = await startSandbox({
    upstream: line.upstream,
    ...(line.folder !== undefined && { folder: line.folder }),
    ...(line.port !== undefined && { port: line.port }),
    ...(line.logFile !== undefined && { logFile: line.logFile }),
    onRequest: (request) => process.stdout.write(`${requestLine(request)}\n`)
  })
  const { envFile } = line
  let ending: Promise<void> | undefined
  const end = (): void => {
    ending ??= sandbox.close().finally(() => {
      if (envFile !== undefined) rmSync(envFile, { force: true })
    })
  }
  const leave = (): void => {
    end()
    // What is still being read from the machine's index, for a client that has gone, is not waited for.
    void ending?.finally(() => process.exit())
  }
  // The terminal sends SIGINT to npm too; SIGBREAK is Windows' Ctrl-Break.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) process.on(signal, leave)
  try {
    for (const fault of line.faults) sandbox.fault(fault)
    const variables = { ...sandbox.environment(), ...furnish(sandbox, line) }
    if (envFile !== undefined) writeFileSync(envFile, envLines(variables), { mode: 0o600 })
    process.stdout.write(introduction(sandbox, line, variables))
  } catch (error) {
    end()
    await ending
    throw error
  }
}

/** Puts a repository, tokens that work and a trusted publisher there; gives the variables that programs read them from. */
function furnish(sandbox: Sandbox, { repository, tags }: CommandLine): Record<string, string> {
  const [owner = '', name = ''] = repository.split('/')
  const { github, pypi, testpypi, hex, oidc, slack, otlp } = sandbox
  // With a folder it may be there from the last run.
  const known = github.state.repositories.some(
    (each) => each.name === name && github.state.users.some((user) => user.id === each.ownerId && user.login === owner)
  )
  if (!known) github.addRepository({ owner, name })
  const sha = randomBytes(20).toString('hex')
  for (const tag of tags) {
    if (github.refs(repository)[`refs/tags/${tag}`] === undefined) github.setRef(repository, `refs/tags/${tag}`, sha)
  }
  const githubToken = `ghs_${randomBytes(18).toString('hex')}`
  github.addToken({ token: githubToken, login: 'github-actions[bot]', permissions: { contents: 'write' } })
  // A token for each index, and no use at the other, as on the real ones.
  const tokenOf = (index: Sandbox['pypi']): string => {
    const token = `pypi-${randomBytes(24).toString('base64url')}`
    index.addToken({ token })
    return token
  }
  const pypiToken = tokenOf(pypi)
  const hexKey = randomBytes(16).toString('hex')
  hex.addKey({ secret: hexKey, user: 'maintainer' })
  const requestToken = randomBytes(24).toString('base64url')
  const workflow = 'release.yml'
  for (const index of [pypi, testpypi]) {
    index.addPublisher({ owner, repository: name, workflow })
  }
  const ref = tags[0] === undefined ? 'refs/heads/main' : `refs/tags/${tags[0]}`
  oidc.grant({ requestToken, claims: { repository, ref, sha, workflow_ref: `.github/workflows/${workflow}` } })
  return {
    GITHUB_TOKEN: githubToken,
    GH_TOKEN: githubToken,
    PYPI_TOKEN: pypiToken,
    TESTPYPI_TOKEN: tokenOf(testpypi),
    TWINE_USERNAME: '__token__',
    TWINE_PASSWORD: pypiToken,
    UV_PUBLISH_TOKEN: pypiToken,
    HEX_API_KEY: hexKey,
    ACTIONS_ID_TOKEN_REQUEST_URL: oidc.requestUrl(),
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
    SLACK_WEBHOOK_URL: slack.addWebhook(),
    OTEL_EXPORTER_OTLP_ENDPOINT: `https://${otlp.hosts[0] ?? ''}`
  }
}

function introduction(sandbox: Sandbox, line: CommandLine, variables: Readonly<Record<string, string>>): string {
  const names = ['github', 'pypi', 'testpypi', 'hex', 'oidc', 'slack', 'otlp'] as const
  return `# The sandbox runs; Ctrl-C ends it. Paste these lines into the shell of the program that is to use it.
${shellCommands(variables, line.shell)}
# Repository: ${line.repository}
# Without the proxy, as a private index or a GitHub Enterprise Server:
${names.map((name) => `#   ${name.padEnd(9)} ${sandbox.address(name).href}${name === 'github' ? 'api/v3' : ''}`).join('\n')}

`
}

function envLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function requestLine({ n, job, method, url, status, outcome, requestBytes }: LoggedRequest): string {
  const body = requestBytes === 0 ? '' : ` (${String(requestBytes)} bytes)`
  const ending = outcome === 'answered' ? '' : ` ${outcome}`
  return `#${String(n)}${job === undefined ? '' : ` ${job}`} ${method} ${url}${body} → ${status === 0 ? '–' : String(status)}${ending}`
}
