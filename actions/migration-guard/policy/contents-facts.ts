import type { Framework } from '../../shared/migrations/migration.ts'
import { blobId } from '../contents.ts'
import type { EditComparison, PolicyFacts } from './facts.ts'
import { frozenChanges } from './frozen-paths.ts'
import { isListing, pathBelow } from './listings.ts'
import { migrationChanges } from './migration-changes.ts'

/** How two texts of a framework differ, when their line endings do not make the difference. */
export type Compare = (framework: Framework, before: string, after: string) => Exclude<EditComparison, 'line-endings'>

/**
 * Compares the contents of every merged migration that the change edits.
 *
 * @param compare asked only where more than line endings differs
 */
export async function readEdits(facts: PolicyFacts, compare: Compare): Promise<ReadonlyMap<string, EditComparison>> {
  const edits = new Map<string, EditComparison>()
  for (const { folder, kept } of migrationChanges(facts)) {
    for (const { before, after } of kept) {
      if (before.blob === after.blob) continue
      const [old, now] = await Promise.all([
        facts.change.base.read(before.path).then(withoutCarriageReturns),
        facts.change.head.read(after.path).then(withoutCarriageReturns)
      ])
      edits.set(after.path, old === now ? 'line-endings' : compare(folder.framework, old, now))
    }
  }
  return edits
}

function withoutCarriageReturns(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\r\n', '\n')
}

/** Of the files that must be ported and are not, the blob ids that they would have with other line endings. */
export async function readLineEndings(facts: PolicyFacts): Promise<ReadonlyMap<string, readonly string[]>> {
  const { source, configuration, change } = facts
  const found = new Map<string, readonly string[]>()
  if (configuration.source === undefined || !isListing(source)) return found
  for (const { path, blob, conditions, link } of frozenChanges(facts)) {
    if (link !== undefined) continue
    const below = pathBelow(configuration.source.into, path)
    const theirs = below === undefined ? undefined : source.files.get(below)
    if (blob === undefined || theirs === undefined || theirs === blob || !conditions.includes('ported')) continue
    found.set(path, lineEndingBlobs(await change.head.read(path), theirs.length === 64 ? 'sha256' : 'sha1'))
  }
  return found
}

/** Blob ids of a text with LF and with CRLF. */
export function lineEndingBlobs(bytes: Buffer, algorithm: 'sha1' | 'sha256'): readonly string[] {
  // Latin 1 keeps every byte as it is.
  const lf = bytes.toString('latin1').replaceAll('\r\n', '\n')
  return [lf, lf.replaceAll('\n', '\r\n')].map((text) => blobId(Buffer.from(text, 'latin1'), algorithm))
}
