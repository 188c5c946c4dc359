// Runs the conformance suite: says what it needs, brings what is missing, and never skips in silence. With CI=true a
// missing tool fails the run; elsewhere the tests that need it are left out and named.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { findTool, tools, withToolFolder, type Tool } from './tools.ts'

const root = dirname(import.meta.dirname)
const folder = join(root, 'tests', 'conformance')

interface Suite {
  readonly path: string
  readonly needs: readonly string[]
}

/** The test files with the tools that their `// needs:` line names. */
function suites(): Suite[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => {
      const path = join(folder, name)
      const needs = /^\/\/ needs: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1]
      return { path: relative(root, path), needs: needs?.split(',').map((need) => need.trim()) ?? [] }
    })
}

/** Finds the tool or installs it. Says so in one line; gives whether it is there. */
async function bring(tool: Tool): Promise<boolean> {
  const found = findTool(tool)
  if (found !== undefined) {
    console.log(`found      ${tool.name}: ${tool.purpose}`)
    return true
  }
  try {
    await tool.install?.()
  } catch (error) {
    console.log(
      `           ${tool.name} could not be installed: ${error instanceof Error ? error.message : String(error)}`
    )
  }
  const there = tool.install !== undefined && findTool(tool) !== undefined
  console.log(there ? `installed  ${tool.name}: ${tool.purpose}` : `missing    ${tool.name}: ${tool.hint}`)
  return there
}

const all = suites()
const unknown = all.flatMap(({ needs }) => needs).filter((need) => !tools.some(({ name }) => name === need))
if (unknown.length > 0) throw new Error(`no such tool: ${unknown.join(', ')}`)
const needed = tools.filter(({ name }) => all.some(({ needs }) => needs.includes(name)))
const missing: string[] = []
for (const tool of needed) if (!(await bring(tool))) missing.push(tool.name)
const left = all.filter(({ needs }) => needs.some((need) => missing.includes(need)))
if (missing.length > 0 && process.env['CI'] === 'true') {
  console.error(`conformance: ${missing.join(', ')} missing; with CI=true every tool must be there`)
  process.exit(1)
}

const chosen = all.filter((suite) => !left.includes(suite)).map(({ path }) => path)
const result = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--config',
    join(root, 'jest.conformance.config.js'),
    ...process.argv.slice(2),
    ...(process.argv.slice(2).some((argument) => !argument.startsWith('-')) ? [] : ['--runTestsByPath', ...chosen])
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: withToolFolder(process.env)
  }
)
for (const { path, needs } of left)
  console.log(`SKIPPED ${path}: needs ${needs.filter((need) => missing.includes(need)).join(', ')}`)
process.exitCode = result.status ?? 1
