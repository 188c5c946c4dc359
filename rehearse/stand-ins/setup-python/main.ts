import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { addPath, exportVariable, fail, info, input, remark, required, setOutput } from '../shared/runner.ts'
import { satisfies } from '../shared/version-range.ts'
import { makeEnvironment, programs } from '../shared/virtual-environment.ts'

const asked = askedVersion()
const python = choose(asked)
const environment = join(required('RUNNER_TEMP'), `python-${randomBytes(4).toString('hex')}`)
makeEnvironment(python.executable, environment, python.template)
const bin = programs(environment)
if (input('update-environment') !== 'false') {
  addPath(bin)
  for (const name of ['pythonLocation', 'Python_ROOT_DIR', 'Python2_ROOT_DIR', 'Python3_ROOT_DIR']) {
    exportVariable(name, environment)
  }
}
setOutput('python-version', python.version)
setOutput('python-path', join(bin, process.platform === 'win32' ? 'python.exe' : 'python'))
setOutput('cache-hit', 'false')
info(`Python ${python.version} in a fresh environment`)

function askedVersion(): readonly string[] {
  const file = input('python-version-file')
  const lines = input('python-version')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  if (lines.length > 0) return lines
  const path = resolve(required('GITHUB_WORKSPACE'), file || '.python-version')
  if (!existsSync(path)) {
    if (file !== '') fail(`The specified python version file at: ${path} doesn't exist.`)
    return []
  }
  const text = readFileSync(path, 'utf8')
  const project = /^\s*requires-python\s*=\s*["']([^"']+)["']/m.exec(text)?.[1]
  return path.endsWith('.toml')
    ? project === undefined
      ? []
      : [project]
    : text
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean)
}

/** With several versions asked for, the last one is `python` (setup-python's documentation). */
function choose(versions: readonly string[]): { executable: string; version: string; template?: string } {
  const found = {
    executable: required('REHEARSAL_PYTHON'),
    version: required('REHEARSAL_PYTHON_VERSION'),
    template: required('REHEARSAL_PYTHON_TEMPLATE')
  }
  const wanted = versions.at(-1)
  if (wanted === undefined || satisfies(found.version, wanted)) return found
  const short = /^~?=?\s*(3\.\d+)/.exec(wanted)?.[1]
  const other = short === undefined ? undefined : interpreter(`python${short}`)
  if (other !== undefined && satisfies(other.version, wanted)) return other
  remark(`setup-python: found on PATH, asked ${wanted}, here ${found.version}`)
  return found
}

function interpreter(name: string): { executable: string; version: string } | undefined {
  try {
    const question = 'import sys, platform, ensurepip; print(sys.executable); print(platform.python_version())'
    const [executable = '', version = ''] = execFileSync(name, ['-I', '-c', question], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore']
    }).split(/\r?\n/)
    return executable === '' ? undefined : { executable, version }
  } catch {
    return undefined
  }
}
