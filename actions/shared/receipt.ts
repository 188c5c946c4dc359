import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problem } from './problem.ts'
import { errorCode } from './http-failure.ts'

/**
 * What a run came to. `published`: written and read back. `unchanged`: all was there already. `planned`: a dry run.
 * `passed`: it was to judge something, and found it good.
 */
export type Status = 'published' | 'unchanged' | 'planned' | 'passed' | 'failed'

/**
 * One file and what became of it. `published`: written and read back. `uploaded`: the server took it, and it was not
 * read back. `unknown`: it was sent, and nobody can say whether it arrived. `missing`: wanted, and known not to be there.
 */
export interface ReceiptFile {
  readonly name: string
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  readonly status: 'published' | 'uploaded' | 'unchanged' | 'planned' | 'unknown' | 'missing'
  readonly url?: string
}

/** A file's status as a summary says it. */
export const fileStatusWords: Readonly<Record<ReceiptFile['status'], string>> = {
  published: 'uploaded',
  uploaded: 'sent, not read back',
  unchanged: 'was there already',
  planned: 'would be uploaded',
  unknown: 'sent; whether it arrived is not known',
  missing: 'not uploaded'
}

/** One place the release reaches: an index, a release page, a database. */
export interface ReceiptTarget {
  /** `pypi`, `testpypi`, `index`, `github-release` … */
  readonly kind: string
  readonly name: string
  readonly version?: string
  readonly url?: string
  readonly status: Status
  readonly files: readonly ReceiptFile[]
}

/** The record of one run, the same for every action. Published as docs/receipt.schema.json. */
export interface Receipt {
  readonly receiptVersion: 1
  readonly action: string
  readonly status: Status
  readonly tag: string | null
  readonly commit: string | null
  readonly repository: string | null
  readonly runUrl: string | null
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly targets: readonly ReceiptTarget[]
  /** What could not be checked, in words. */
  readonly notChecked: readonly string[]
  readonly problems: readonly Problem[]
}

/**
 * Writes the receipt under the job's temporary folder, beside those of earlier steps, and gives its path.
 * @param text the receipt as JSON, secrets already taken out
 */
export async function writeReceipt(temp: string, action: string, text: string): Promise<string> {
  const folder = join(temp, 'release-actions')
  await mkdir(folder, { recursive: true })
  for (let n = 1; ; n++) {
    const path = join(folder, `${action}-receipt-${n}.json`)
    try {
      await writeFile(path, text, { flag: 'wx' })
      return path
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
}
