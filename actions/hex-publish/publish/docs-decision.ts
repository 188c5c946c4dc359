import type { DocsFound } from './docs.ts'

/** What is to become of the documentation. */
export interface DocsDecision {
  readonly kind: 'create' | 'update' | 'unchanged' | 'none'
  readonly why: string
}

/**
 * Docs that are missing are sent, on a rerun too. Those that are there are left alone, unless the release itself is
 * replaced, or the run is about nothing else (mode docs) and they differ. Pure.
 */
export function decideDocs(
  mode: 'publish' | 'docs',
  found: DocsFound,
  there: boolean,
  release: 'create' | 'replace' | 'unchanged' | 'untouched',
  published: 'equal' | 'other' | 'not compared'
): DocsDecision {
  if (there && release === 'unchanged')
    return { kind: 'unchanged', why: 'documentation is on Hex; `mode: docs` replaces it' }
  if (found.kind === 'none') return { kind: 'none', why: found.why }
  if (!there) return { kind: 'create', why: release === 'create' ? 'the release is new' : 'missing on Hex' }
  if (mode === 'publish') return { kind: 'update', why: 'the release is replaced' }
  if (published === 'equal') return { kind: 'unchanged', why: 'the same files are on Hex' }
  return {
    kind: 'update',
    why: published === 'other' ? 'other files are on Hex' : 'what is on Hex could not be compared'
  }
}
