import { createHash } from 'node:crypto'
import { createGunzip } from 'node:zlib'
import { Readable } from 'node:stream'
import { stat } from 'node:fs/promises'
import { errorCode } from '../../shared/http-failure.ts'
import { readTar, TarFault } from '../../shared/tar.ts'
import type { BuiltDocs } from '../build-docs.ts'
import { packDocs } from '../docs-archive.ts'
import type { Tarball } from '../tarball.ts'
import type { Findings } from './findings.ts'
import type { HexState, Inspection } from './hex-state.ts'
import type { Inputs } from './inputs.ts'
import { downloadDocs } from './published-file.ts'

/** The documentation that is to be published, packed in memory as it will be sent. */
export type DocsFound =
  | {
      readonly kind: 'packed'
      readonly bytes: Buffer
      readonly sha256: string
      /** How many files it holds. */
      readonly files: number
      readonly shown: string
    }
  | { readonly kind: 'none'; readonly why: string }

/**
 * Packs the ready folder, or what `build` makes of the project. What is wrong goes to the findings.
 * @param tarball of the same package, which may exempt files from the search for secrets
 * @param build absent where nothing is to be built: a ready tarball comes with ready docs, or with none
 */
export async function findDocs(
  { docs, mode, docsFolder, apiKey }: Inputs,
  build: (() => Promise<BuiltDocs>) | undefined,
  tarball: Tarball | undefined,
  findings: Findings
): Promise<DocsFound> {
  if (docs === 'false') return { kind: 'none', why: 'docs is false' }
  const found =
    docsFolder !== undefined
      ? { folder: docsFolder.path, shown: docsFolder.shown }
      : build === undefined
        ? { skipped: 'the tarball was built elsewhere, and docs-folder is not given' }
        : await build()
  if ('skipped' in found) {
    if (docs === 'auto' && mode === 'publish') return { kind: 'none', why: found.skipped }
    findings.problems.push({
      code: 'no-docs',
      message: `${mode === 'docs' ? 'Mode is docs' : 'Input docs is true'}, and there is no documentation: ${found.skipped}.`,
      hint: 'Give a ready folder in docs-folder, or add ex_doc (rebar3_ex_doc for rebar3) to the dependencies of the project.'
    })
    return { kind: 'none', why: found.skipped }
  }
  if (!(await isFolder(found.folder))) {
    findings.problems.push({
      code: 'docs-folder',
      message: `There is no folder ${found.shown} with documentation.`,
      hint: 'Build it in an earlier step, or download the artifact of the job that built it into this folder. It is relative to the workspace.'
    })
    return { kind: 'none', why: 'the folder is not there' }
  }
  const packed = await packDocs(found.folder, found.shown, { apiKey, ignore: tarball?.metadata.secretScanIgnore })
  if ('problems' in packed) {
    findings.problems.push(...packed.problems)
    return { kind: 'none', why: 'it could not be packed' }
  }
  const { bytes, files } = packed
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { kind: 'packed', bytes, sha256, files, shown: found.shown }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false
  )
}

/** Whether the published docs are ours, file by file: when and how they were packed says nothing. */
export async function comparePublished(
  { api, inputs, world, findings }: Inspection,
  { pkg, remote, differs }: HexState,
  version: string,
  docs: DocsFound | undefined
): Promise<'equal' | 'other' | 'not compared'> {
  // Those of a release that is to be replaced are replaced with it.
  if (pkg === undefined || differs || remote?.release?.hasDocs !== true) return 'not compared'
  if (docs?.kind !== 'packed') {
    if (inputs.docs !== 'false') {
      findings.notChecked.push(
        'whether the documentation on Hex is the project’s: it is there; `mode: docs` and `replace: true` compare it'
      )
    }
    return 'not compared'
  }
  const published = await downloadDocs(world.http, pkg, version, api.key)
  if ('why' in published) {
    findings.notChecked.push(`whether the published docs are the same: ${published.why}`)
    return 'not compared'
  }
  if (published.found.equals(docs.bytes)) return 'equal'
  try {
    return (await contents(published.found)) === (await contents(docs.bytes)) ? 'equal' : 'other'
  } catch (error) {
    // What cannot be read is not ours.
    if (error instanceof TarFault || errorCode(error).startsWith('Z_')) return 'other'
    throw error
  }
}

/** Hex's limit for docs, unpacked (hexpm, docs_controller.ex). Bytes. */
const longest = 128 * 1024 * 1024

/** Every file with its hash, sorted. */
async function contents(bytes: Buffer): Promise<string> {
  const source = Readable.from([bytes]).pipe(createGunzip()) as AsyncIterable<Buffer>
  const { kept, members } = await readTar(source, {
    keep: ({ kind }) => kind === 'file',
    longestKept: longest,
    longest
  })
  const files = [...kept].map(([name, content]) => `${name} ${createHash('sha256').update(content).digest('hex')}`)
  const links = members.filter(({ kind }) => kind !== 'file' && kind !== 'folder').map(({ name }) => `${name} link`)
  return [...files, ...links].sort().join('\n')
}
