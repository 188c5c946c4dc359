// Builds dist/<action>/ of every action, dist/parsers and dist/age, or, with --check, says whether dist/ is what the sources build.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { readActionMetadata } from './action-metadata.ts'

const root = dirname(import.meta.dirname)

/** Every folder below actions/ with an entry is an action; `shared` has none. */
export const actionNames: readonly string[] = readdirSync(join(root, 'actions'))
  .filter((name) => existsSync(join(root, 'actions', name, 'index.ts')))
  .sort()

const ncc = join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js')

/** Bundles one action into `folder`. Not minified: minified bundles start slower and cannot be reviewed. */
function bundle(action: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const entry = join('actions', action, 'index.ts')
  execFileSync(process.execPath, [ncc, 'build', entry, '-o', folder, '--license', 'licenses.txt', '-C', '-q'], {
    cwd: root,
    stdio: 'inherit'
  })
  // The bundle once more: by the name of the file it knows that it is the step after the job.
  if (readActionMetadata(action).runs.post !== undefined)
    writeFileSync(join(folder, 'post.js'), "import './index.js'\n")
}

/**
 * What the parsers of SQL and Elixir are made of, as their packages ship them. They are loaded with `require` at run
 * time (actions/shared/parsers.ts), so CommonJS gets the name that says so.
 */
const parserFiles: Readonly<Record<string, string>> = {
  'yaml.LICENSE': 'yaml/LICENSE',
  'libpg-query.cjs': 'libpg-query/wasm/libpg-query.js',
  'libpg-query.wasm': 'libpg-query/wasm/libpg-query.wasm',
  'libpg-query.LICENSE': 'libpg-query/LICENSE',
  'web-tree-sitter.cjs': 'web-tree-sitter/web-tree-sitter.cjs',
  'web-tree-sitter.wasm': 'web-tree-sitter/web-tree-sitter.wasm',
  'web-tree-sitter.LICENSE': 'web-tree-sitter/LICENSE',
  'tree-sitter-elixir.wasm': 'tree-sitter-elixir/tree-sitter-elixir.wasm',
  'tree-sitter-elixir.LICENSE': 'tree-sitter-elixir/LICENSE'
}

/** Copies the parsers into `folder`: they stand once for every action. */
function copyParsers(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, source] of Object.entries(parserFiles)) {
    copyFileSync(join(root, 'node_modules', source), join(folder, name))
  }
  // As shipped it is seventy files.
  const made = join(root, 'build', 'yaml')
  execFileSync(
    process.execPath,
    [ncc, 'build', join('node_modules', 'yaml', 'dist', 'index.js'), '-o', made, '-C', '-q'],
    {
      cwd: root,
      stdio: 'inherit'
    }
  )
  copyFileSync(join(made, 'index.js'), join(folder, 'yaml.cjs'))
}

/**
 * Bundles age's encryption into `folder`: most backups need none, and it is as big as all the rest of an action. It is
 * loaded with `require` at run time (actions/shared/age.ts), and its package has ES modules only.
 */
function bundleAge(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const made = join(root, 'build', 'age')
  mkdirSync(made, { recursive: true })
  const entry = join(made, 'entry.cjs')
  writeFileSync(entry, "module.exports = require('age-encryption')\n")
  execFileSync(
    process.execPath,
    [ncc, 'build', entry, '-o', join(made, 'out'), '--license', 'licenses.txt', '-C', '-q'],
    {
      cwd: root,
      stdio: 'inherit'
    }
  )
  copyFileSync(join(made, 'out', 'index.cjs'), join(folder, 'age.cjs'))
  copyFileSync(join(made, 'out', 'licenses.txt'), join(folder, 'licenses.txt'))
}

/** Builds everything into `folder`. */
function build(folder: string): void {
  for (const action of actionNames) bundle(action, join(folder, action))
  copyParsers(join(folder, 'parsers'))
  bundleAge(join(folder, 'age'))
}

/** Paths below `folder` with their bytes. */
function contents(folder: string): Map<string, Buffer> {
  if (!existsSync(folder)) return new Map()
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [relative(folder, path), readFileSync(path)]
    })
  )
}

/** Every path in which the two folders differ. */
function differences(one: string, other: string): string[] {
  const left = contents(one)
  const right = contents(other)
  const paths = new Set([...left.keys(), ...right.keys()])
  return [...paths].filter((path) => {
    const bytes = right.get(path)
    return bytes === undefined || left.get(path)?.equals(bytes) !== true
  })
}

function check(): void {
  const fresh = join(root, 'build', 'dist')
  build(fresh)
  const stale = differences(fresh, join(root, 'dist'))
  rmSync(fresh, { recursive: true, force: true })
  if (stale.length === 0) {
    console.log(`dist/ is what the sources build (${actionNames.join(', ')})`)
    return
  }
  console.error(`dist/ is not what the sources build. Run \`npm run build\` and commit it.\n  ${stale.join('\n  ')}`)
  process.exitCode = 1
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--check')) check()
  else build(join(root, 'dist'))
}
