import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { proveHexDependency } from '../../shared/hex/dependency-proofs.ts'
import { filesBelow, joinPath } from '../../shared/migrations/file-tree.ts'
import type { Http } from '../../shared/http.ts'
import type { Configuration } from '../configuration.ts'
import type { Tree } from '../tree.ts'
import type { HexProof } from './facts.ts'

/** What is asked for proofs, besides the change itself. */
export interface ProofSetting {
  /** The checkout, absolute, where there is one: its `deps` are looked at. */
  readonly checkout: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** To ask hex.pm; nobody is asked without it. */
  readonly http?: Http
}

/**
 * Proves, for each dependency that must come from Hex, what can be proved without running anything: mix.exs and mix.lock
 * are those of the head, whatever is checked out; the unpacked files are those of the checkout, where it has them. Each
 * Mix project that names the dependency is asked, the first where none does. Throws what the file system and reading the
 * head throw.
 */
export async function proveHexDependencies(
  head: Tree,
  { hexDependencies, mixProjects }: Pick<Configuration, 'hexDependencies' | 'mixProjects'>,
  setting: ProofSetting
): Promise<readonly HexProof[]> {
  if (hexDependencies.length === 0) return []
  const proofs: HexProof[] = []
  for (const { name, version, folder } of hexDependencies) {
    for (const project of await projectsNaming(head, mixProjects, name)) {
      proofs.push(await prove(head, project, { name, version, folder }, setting))
    }
  }
  return proofs
}

interface Asked {
  readonly name: string
  readonly version: string | undefined
  readonly folder: string | undefined
}

async function prove(head: Tree, project: string, asked: Asked, setting: ProofSetting): Promise<HexProof> {
  const { name, version, folder } = asked
  const place = await mkdtemp(join(tmpdir(), 'migration-guard-mix-'))
  try {
    await writeMixFiles(head, project, place)
    const unpacked = await linkDeps(place, project, setting.checkout, name)
    const proof = await proveHexDependency({
      project: place,
      shownProject: project,
      name,
      ...(version === undefined ? {} : { version }),
      ...(folder === undefined ? {} : { folder }),
      now: setting.now,
      // MIX_EXS and MIX_DEPS_PATH of the guard's own job say nothing about the application's.
      env: {},
      ...(setting.http === undefined ? {} : { http: setting.http })
    })
    return { proof, project, folder, unpacked }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

/** What Mix reads of a project before it compiles anything: mix.exs of it and of an umbrella's applications, mix.lock. */
function mixFiles(head: Tree, project: string): readonly { readonly path: string; readonly below: string }[] {
  return filesBelow(head.files, project)
    .filter(({ below, file }) => file.mode !== '120000' && /^(?:[^/]+\/){0,2}mix\.exs$|^[^/]+\.lock$/.test(below))
    .map(({ below, file: { path } }) => ({ path, below }))
}

async function writeMixFiles(head: Tree, project: string, place: string): Promise<void> {
  for (const { path, below } of mixFiles(head, project)) {
    const file = join(place, below)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, await head.read(path))
  }
}

/** Whether the checkout has the dependency unpacked; then `deps` leads there. */
async function linkDeps(place: string, project: string, checkout: string | undefined, name: string): Promise<boolean> {
  if (checkout === undefined) return false
  const deps = join(checkout, project, 'deps')
  try {
    await stat(join(deps, name))
  } catch {
    return false
  }
  await symlink(deps, join(place, 'deps'), 'junction')
  return true
}

async function projectsNaming(head: Tree, projects: readonly string[], name: string): Promise<readonly string[]> {
  const naming: string[] = []
  for (const project of projects) {
    const texts = await Promise.all(mixFiles(head, project).map(async ({ path }) => (await head.read(path)).toString()))
    if (texts.some((text) => text.includes(`:${name}`) || text.includes(`"${name}"`))) naming.push(project)
  }
  if (naming.length > 0) return naming
  return [projects.find((project) => head.files.has(joinPath(project, 'mix.exs'))) ?? projects[0] ?? '.']
}
