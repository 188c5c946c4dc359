import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { printed } from '../shared/program.ts'
import { exportVariable, fail, info, input, remark, required, setOutput } from '../shared/runner.ts'
import { satisfies } from '../shared/version-range.ts'

const version = printed('node', ['--version'])
if (version === undefined) fail('Node.js is not on PATH')
const asked = askedVersion()
if (asked !== undefined && !satisfies(version.slice(1), asked)) {
  remark(`setup-node: found on PATH, asked ${asked}, here ${version.slice(1)}`)
}
setOutput('node-version', version)
setOutput('cache-hit', 'false')
info(`Node.js ${version}`)
const registry = input('registry-url')
if (registry !== '') useRegistry(registry)

function askedVersion(): string | undefined {
  if (input('node-version') !== '') return input('node-version')
  const file = input('node-version-file')
  if (file === '') return undefined
  const path = resolve(required('GITHUB_WORKSPACE'), file)
  if (!existsSync(path)) fail(`The specified node version file at: ${path} does not exist`)
  const text = readFileSync(path, 'utf8')
  if (!path.endsWith('.json')) return /(\d[\d.]*)/.exec(text)?.[1]
  return /"node"\s*:\s*"([^"]+)"/.exec(text)?.[1]
}

/** setup-node's `configAuthentication`: npm takes the token from NODE_AUTH_TOKEN, which the step then sets. */
function useRegistry(address: string): void {
  const url = new URL(address)
  const base = url.href.endsWith('/') ? url.href : `${url.href}/`
  const scope = input('scope')
  const file = join(required('RUNNER_TEMP'), '.npmrc')
  const key = scope === '' ? 'registry' : `${scope.startsWith('@') ? scope : `@${scope}`}:registry`
  appendFileSync(file, `${base.replace(/^\w+:/, '')}:_authToken=\${NODE_AUTH_TOKEN}\n${key}=${base}\n`)
  exportVariable('NPM_CONFIG_USERCONFIG', file)
  exportVariable('NODE_AUTH_TOKEN', process.env['NODE_AUTH_TOKEN'] ?? 'XXXXX-XXXXX-XXXXX-XXXXX')
}
