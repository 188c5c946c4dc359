import type { Problem } from '../shared/problem.ts'
import type { Metadata } from './metadata.ts'

/** What the reader of one kind of archive gives. */
export interface ArchiveReading {
  /** Absent when it could not be read; `problems` says why. */
  readonly metadata: Metadata | undefined
  /** The Python tag of a wheel's file name; `source` for an sdist. */
  readonly pyversion: string
  readonly problems: readonly Problem[]
  /** What indexes take and a maintainer should know. */
  readonly warnings: readonly Problem[]
  /** What only the index can tell, in words. */
  readonly notChecked: readonly string[]
}

/** The reading of an archive that could not be read any further. */
export function unread(problem: Problem): ArchiveReading {
  return { metadata: undefined, pyversion: '', problems: [problem], warnings: [], notChecked: [] }
}

/** A fault of the archive that holds a distribution. */
export function archiveProblem(file: string, fault: string): Problem {
  return {
    code: 'archive-refused',
    message: `The archive is refused: ${fault}.`,
    hint: 'Build the distribution again with a released build backend and do not repack it; docs.pypi.org/archives has the rules.',
    file
  }
}

/** A licence file that the metadata names and the archive lacks, which PyPI refuses (PEP 639). */
export function missingLicense(path: string, place: string, file: string): Problem {
  return {
    code: 'license-file-missing',
    message: `The metadata names the licence file "${path}", and the archive has no ${place}.`,
    hint: 'Correct license-files in pyproject.toml, or use a version of the build backend that packs these files.',
    file
  }
}
