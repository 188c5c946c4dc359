import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { required } from './runner.ts'

/** An artifact of the run, as the artifact service keeps it: immutable, found by its name. */
export interface Artifact {
  readonly id: number
  readonly name: string
  readonly digest: string
  /** Paths inside, with slashes. */
  readonly files: readonly string[]
}

/** One file to upload: where it is, and its path inside the artifact. */
export interface ArtifactFile {
  readonly source: string
  readonly path: string
}

/** The service refuses a second artifact of the same name in one run (409), since v4. */
export class NameTaken extends Error {}

/** @throws NameTaken */
export function createArtifact(name: string, files: readonly ArtifactFile[]): Artifact {
  const folder = artifactFolder(name, ownRun())
  mkdirSync(dirname(folder), { recursive: true })
  try {
    // Not recursive: two matrix cells that come at the same moment must not both succeed.
    mkdirSync(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw new NameTaken()
    throw error
  }
  const hash = createHash('sha256')
  for (const { source, path } of files) {
    const target = join(folder, 'files', path)
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(source, target)
    hash.update(path).update('\0').update(readFileSync(source))
  }
  const artifact: Artifact = {
    id: createHash('sha256').update(folder).digest().readUIntBE(0, 4),
    name,
    digest: hash.digest('hex'),
    files: files.map(({ path }) => path)
  }
  writeFileSync(join(folder, 'artifact.json'), JSON.stringify(artifact))
  return artifact
}

export function deleteArtifact(name: string): void {
  rmSync(artifactFolder(name, ownRun()), { recursive: true, force: true })
}

/** The artifacts of a run, ordered by name. */
export function listArtifacts(run: string): readonly Artifact[] {
  return storedArtifacts(store(run))
}

/** The same. @param store folder with the run's artifacts */
export function storedArtifacts(store: string): readonly Artifact[] {
  let folders: string[]
  try {
    folders = readdirSync(store)
  } catch {
    return []
  }
  return folders
    .flatMap((folder) => {
      try {
        return [readArtifact(readFileSync(join(store, folder, 'artifact.json'), 'utf8'))]
      } catch {
        // Still being uploaded by another job: the service does not list it either.
        return []
      }
    })
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
}

/** Copies an artifact's files; like a zip, it keeps no permissions. */
export function unpackArtifact(artifact: Artifact, run: string, target: string): void {
  mkdirSync(target, { recursive: true })
  for (const path of artifact.files) {
    const to = join(target, path)
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(join(artifactFolder(artifact.name, run), 'files', path), to)
    chmodSync(to, 0o644)
  }
}

function readArtifact(text: string): Artifact {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new Error('no artifact')
  const { id, name, digest, files }: { id?: unknown; name?: unknown; digest?: unknown; files?: unknown } = value
  if (typeof id !== 'number' || typeof name !== 'string' || typeof digest !== 'string' || !Array.isArray(files)) {
    throw new Error('no artifact')
  }
  return { id, name, digest, files: files.map(String) }
}

/** Number of the run that a step belongs to. */
export function ownRun(): string {
  return required('GITHUB_RUN_ID')
}

/** Whether a run of this rehearsal has stored an artifact. */
export function isKnownRun(run: string): boolean {
  return /^\d+$/.test(run) && existsSync(store(run))
}

/** Runs of one rehearsal share a folder: a later one may download what an earlier one has stored. */
function store(run: string): string {
  return join(required('REHEARSAL_ARTIFACTS'), run)
}

function artifactFolder(name: string, run: string): string {
  // A name may hold what a file system does not take, or differ in case only.
  return join(store(run), Buffer.from(name).toString('hex'))
}

const forbidden: readonly (readonly [string, string])[] = [
  ['"', ' Double quote "'],
  [':', ' Colon :'],
  ['<', ' Less than <'],
  ['>', ' Greater than >'],
  ['|', ' Vertical bar |'],
  ['*', ' Asterisk *'],
  ['?', ' Question mark ?'],
  ['\r', ' Carriage return \\r'],
  ['\n', ' Line feed \\n']
]
const forbiddenInNames = [...forbidden, ['\\', ' Backslash \\'] as const, ['/', ' Forward slash /'] as const]

/**
 * Why the service would refuse the name, in its words.
 * @see https://github.com/actions/toolkit/blob/main/packages/artifact/src/internal/upload/path-and-artifact-name-validation.ts
 */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'Provided artifact name input during validation is empty'
  const found = forbiddenInNames.find(([char]) => name.includes(char))
  return found && `The artifact name is not valid: ${name}. Contains the following character: ${found[1]}`
}

export function pathFault(path: string): string | undefined {
  const found = forbidden.find(([char]) => path.includes(char))
  return (
    found &&
    `The path for one of the files in artifact is not valid: ${path}. Contains the following character: ${found[1]}`
  )
}
