import type { DocsFound } from './docs.ts'

/** What is to become of the documentation. */
export interface DocsDecision {
  readonly kind: 'create' | 'update' | 'unchanged' | 'none'
  readonly why: string
}

/**
 * Docs that are missing are sent, on a rerun too. Those that are there are left alone where they are ours; others are
 * replaced with the release, in mode docs, and where `replace` is true: a run that replaced the release may have ended
 * before its docs, and left those of the release before. Pure.
 */
export function decideDocs(about: {
  readonly mode: 'publish' | 'docs'
  readonly found: DocsFound
  /** Whether there are any on Hex. */
  readonly there: boolean
  readonly release: 'create' | 'replace' | 'unchanged' | 'untouched'
  readonly published: 'equal' | 'other' | 'not compared'
  readonly replace: boolean
}): DocsDecision {
  const { mode, found, there, release, published, replace } = about
  if (found.kind === 'none') {
    return there && release === 'unchanged' ? { kind: 'unchanged', why: left } : { kind: 'none', why: found.why }
  }
  if (!there) return { kind: 'create', why: release === 'create' ? 'the release is new' : 'missing on Hex' }
  if (release === 'replace') return { kind: 'update', why: 'the release is replaced' }
  if (published === 'equal') return { kind: 'unchanged', why: 'the same files are on Hex' }
  if (mode === 'publish' && !replace) return { kind: 'unchanged', why: published === 'other' ? otherLeft : left }
  return {
    kind: 'update',
    why: published === 'other' ? 'other files are on Hex' : 'what is on Hex could not be compared'
  }
}

const left = 'documentation is on Hex; `mode: docs` replaces it'
const otherLeft = 'documentation with other files is on Hex, and stays; `mode: docs` replaces it'
