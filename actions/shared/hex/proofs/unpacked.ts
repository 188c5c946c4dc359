import { lstat, open } from 'node:fs/promises'
import { join } from 'node:path'
import { readDependencyFolder } from '../dependency-folder.ts'
import { readHexManifest, type HexManifest } from '../hex-manifest.ts'
import type { HexLock } from '../mix-lock.ts'
import { namesNothing, type Place } from '../mix-project.ts'
import { readPackageMetadata } from '../package-metadata.ts'
import { disproved, elsewhere, notAvailable, proved, type Proof, type Wanted } from './proof.ts'

const fetchHint = 'Run `mix deps.get` before this step.'

/**
 * Proof 4: the manifest that Hex left in `deps/NAME` fits the lock. A dependency by path leaves no folder there, but
 * one of an earlier run, from a cache, can remain.
 */
export async function proveManifest(wanted: Wanted, locked: HexLock | undefined, deps: Place): Promise<Proof> {
  const { name } = wanted
  const folder = join(deps.path, name)
  const shown = `${deps.shown}/${name}`
  if ((await kindOf(folder)) === 'missing') return elsewhere(notAvailable(4, `There is no ${shown}.`, fetchHint))
  const file = `${shown}/.hex`
  const bytes = await readSmall(join(folder, '.hex'))
  if (bytes === undefined) {
    return elsewhere(
      disproved(
        4,
        `${shown} has no manifest of Hex: something else put it there.`,
        { code: 'dependency-not-from-hex', hint: `Remove ${shown} and run \`mix deps.get\`.` },
        { file }
      )
    )
  }
  const stale = {
    code: 'dependency-stale',
    hint: `Run \`mix deps.get\`; where ${deps.shown} comes from a cache, let its key have the hash of the lock file.`
  }
  const read = readHexManifest(bytes)
  if ('fault' in read) return disproved(4, `The manifest is refused: ${read.fault}.`, stale, { file })
  if (locked === undefined)
    return notAvailable(4, 'There is no locked release to compare the manifest with.', fetchHint, { file })
  const difference = differenceOf(read.manifest, locked)
  if (difference !== undefined) return disproved(4, `${shown} holds ${difference}.`, stale, { file })
  const by = read.manifest.outerChecksum === undefined ? 'inner checksum' : 'both checksums'
  return proved(4, `${read.manifest.name} ${read.manifest.version}, ${by} as locked.`, { file })
}

/** What Hex itself compares (lib/hex/scm.ex, `lock_status`); an outer checksum that one of the two has not does not count. */
function differenceOf(manifest: HexManifest, locked: HexLock): string | undefined {
  if (manifest.name !== locked.package) return `the package ${manifest.name}, and ${locked.package} is locked`
  if (manifest.version !== locked.version) return `version ${manifest.version}, and ${locked.version} is locked`
  if ((manifest.repository ?? 'hexpm') !== locked.repository) {
    return `a release from ${manifest.repository ?? 'hexpm'}, and one from ${locked.repository} is locked`
  }
  if (manifest.innerChecksum !== locked.innerChecksum) {
    return `the inner checksum ${manifest.innerChecksum ?? 'of none'}, and ${locked.innerChecksum ?? 'none'} is locked`
  }
  if (
    manifest.outerChecksum !== undefined &&
    locked.outerChecksum !== undefined &&
    manifest.outerChecksum !== locked.outerChecksum
  ) {
    return `the outer checksum ${manifest.outerChecksum}, and ${locked.outerChecksum} is locked`
  }
  return undefined
}

/**
 * Proof 5: the package stands unpacked in `deps/NAME`, and the folder that is used from it is a real one with files.
 *
 * @param wantedFolder relative to the dependency; undefined where none is wanted
 */
export async function proveFiles(
  wanted: Wanted,
  locked: HexLock | undefined,
  deps: Place,
  wantedFolder: string | undefined
): Promise<Proof> {
  const { name } = wanted
  const root = join(deps.path, name)
  const shown = `${deps.shown}/${name}`
  const kind = await kindOf(root)
  if (kind === 'missing') return elsewhere(notAvailable(5, `There is no ${shown}.`, fetchHint))
  if (kind !== 'folder') {
    return elsewhere(
      disproved(5, `${shown} is ${kind === 'link' ? 'a symbolic link' : 'no folder'}.`, {
        code: 'dependency-files',
        hint: `Remove ${shown} and run \`mix deps.get\`, so that Hex unpacks the release there.`
      })
    )
  }
  const file = `${shown}/hex_metadata.config`
  const again = { code: 'dependency-files', hint: `Remove ${shown} and run \`mix deps.get\`.` }
  const bytes = await readSmall(join(root, 'hex_metadata.config'))
  if (bytes === undefined)
    return elsewhere(disproved(5, `${shown} has no hex_metadata.config, which Hex unpacks with every release.`, again))
  const read = readPackageMetadata(bytes)
  if ('fault' in read) return disproved(5, `hex_metadata.config is refused: ${read.fault}.`, again, { file })
  const { metadata } = read
  if (locked !== undefined && (metadata.name !== locked.package || metadata.version !== locked.version)) {
    return disproved(
      5,
      `${shown} is ${metadata.name} ${metadata.version}, and ${locked.package} ${locked.version} is locked.`,
      again,
      { file }
    )
  }
  if (wantedFolder === undefined) return proved(5, `${shown} holds ${metadata.name} ${metadata.version}.`)
  const state = await readDependencyFolder(root, wantedFolder)
  const folder = `${shown}/${wantedFolder}`
  if ('files' in state)
    return proved(5, `${folder} has ${state.files} ${state.files === 1 ? 'file' : 'files'}.`, { file: folder })
  return disproved(
    5,
    `${folder} ${state.fault}.`,
    {
      code: 'dependency-files',
      hint: state.missing
        ? `Publish a release of ${name} that holds ${wantedFolder} (\`files\` in its mix.exs), or set input dependency-folder to the folder that is used; \`.\` asks for none.`
        : `Remove ${shown} and run \`mix deps.get\`; where it is the same then, the release itself must be mended.`
    },
    { file: folder }
  )
}

async function kindOf(path: string): Promise<'missing' | 'folder' | 'link' | 'file'> {
  try {
    const status = await lstat(path)
    return status.isSymbolicLink() ? 'link' : status.isDirectory() ? 'folder' : 'file'
  } catch (error) {
    if (namesNothing(error)) return 'missing'
    throw error
  }
}

/** Bytes; neither file is ever near it, and one byte more than is read makes it refused. */
const most = 1024 * 1024 + 1

/** The file's first bytes; undefined where there is no regular file. */
async function readSmall(path: string): Promise<Buffer | undefined> {
  if ((await kindOf(path)) !== 'file') return undefined
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, most)), 0, Math.min(size, most), 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
