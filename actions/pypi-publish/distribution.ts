import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { Pep440Version } from '../shared/pep440.ts'
import type { Problem } from '../shared/problem.ts'
import { readableSize } from '../shared/files.ts'
import { createBlake2b256 } from './blake2b.ts'
import type { Metadata } from './metadata.ts'
import { readSdist } from './sdist.ts'
import { readWheel } from './wheel.ts'

/** A wheel or sdist on disk, read and understood. */
export interface Distribution {
  readonly path: string
  readonly filename: string
  readonly kind: 'wheel' | 'sdist'
  /** As the metadata write it. */
  readonly name: string
  readonly version: Pep440Version
  /** Lower-case hex. */
  readonly sha256: string
  /** BLAKE2b-256, the hash in PyPI's messages and file addresses; absent for very large files. */
  readonly blake2: string | undefined
  /** Bytes. */
  readonly size: number
  readonly metadata: Metadata
  readonly pyversion: string
}

/** What was found out about one file. */
export interface DistributionReading {
  /** Absent when its metadata could not be read; `problems` says why. */
  readonly distribution: Distribution | undefined
  readonly problems: readonly Problem[]
  /** What indexes take and a maintainer should know. */
  readonly warnings: readonly Problem[]
  readonly notChecked: readonly string[]
}

/** `wheel` or `sdist` by the ending, or `undefined` for any other file. */
export function distributionKind(filename: string): 'wheel' | 'sdist' | undefined {
  if (filename.endsWith('.whl')) return 'wheel'
  return filename.endsWith('.tar.gz') ? 'sdist' : undefined
}

/**
 * Reads a distribution whole, without unpacking it, and checks all that can be checked without the index.
 * @param path with an ending that `distributionKind` knows
 * @param file how problems name it, usually relative to the workspace
 */
export async function readDistribution(path: string, file: string): Promise<DistributionReading> {
  const filename = basename(path)
  const kind = distributionKind(filename)
  if (kind === undefined) throw new Error(`${file} is neither a wheel nor an sdist`)
  const { sha256, blake2, size } = await digest(path)
  const reading = await (kind === 'wheel' ? readWheel : readSdist)(path, filename, size, file)
  const problems = [...reading.problems, ...checkFile(filename, size, file)]
  const { metadata, pyversion, warnings, notChecked } = reading
  return {
    distribution: metadata && {
      path,
      filename,
      kind,
      name: metadata.name,
      version: metadata.version,
      sha256,
      blake2,
      size,
      metadata,
      pyversion
    },
    problems,
    warnings: [...warnings, ...checkSize(size, file)],
    notChecked
  }
}

/** What a project may upload until PyPI raises its limit (pypi/warehouse `MAX_FILESIZE`). Bytes. */
const usualLimit = 100 * 1024 * 1024

function checkSize(size: number, file: string): Problem[] {
  if (size <= usualLimit || size > largestFile) return []
  return [
    {
      code: 'file-over-usual-limit',
      message: `The file has ${readableSize(size)}, and PyPI takes 100 MB unless it has raised the limit for this project.`,
      hint: 'Check the project’s limit on the index before you release; docs.pypi.org/project-management/storage-limits says how to ask for more.',
      file
    }
  ]
}

/** PyPI's largest limit; a project has 100 MB until PyPI raises it. Bytes. */
const largestFile = 1024 * 1024 * 1024

function checkFile(filename: string, size: number, file: string): Problem[] {
  const problems: Problem[] = []
  if (/[\p{Cc}\\]/u.test(filename)) {
    problems.push({
      code: 'file-name',
      message: `The file name ${JSON.stringify(filename)} has a control character or a back slash, which no index takes.`,
      hint: 'Keep the name that the build gave the file.',
      file
    })
  }
  if (size > largestFile) {
    problems.push({
      code: 'file-too-large',
      message: `The file has ${size} bytes, and PyPI takes 1 GiB at most.`,
      hint: 'Leave large data out of the distribution, or split it into several projects.',
      file
    })
  }
  return problems
}

/** BLAKE2 in JavaScript takes seconds for this much, and indexes are content with SHA-256. Bytes. */
const largestBlake2 = 128 * 1024 * 1024

async function digest(path: string): Promise<{ sha256: string; blake2: string | undefined; size: number }> {
  const sha256 = createHash('sha256')
  const blake2 = createBlake2b256()
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    sha256.update(chunk)
    size += chunk.length
    if (size <= largestBlake2) blake2.update(chunk)
  }
  return { sha256: sha256.digest('hex'), blake2: size <= largestBlake2 ? blake2.hexDigest() : undefined, size }
}
