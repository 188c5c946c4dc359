import { readVersion } from '../shared/version-text.ts'

/**
 * Whether a word can be a version as headings name it. Wider than what can be a tag's version: `2.0.0.Final` and
 * `3.1.12~rc1` end a section too. A single number is one only as `v12`, or where it is marked as one by a bracket;
 * years and lines of releases (`2.x`) are none.
 */
export function isVersionLike(text: string, { marked }: { readonly marked: boolean }): boolean {
  const bare = text.replace(/^v\.?(?=\d)/i, '')
  if (!/^\d/.test(bare) || /[.-](?:x|\*)$/i.test(bare)) return false
  if (/^\d+$/.test(bare)) return (marked || bare !== text) && !isYear(bare)
  if (/^\d{4}-\d{1,2}(?:-\d{1,2})?$/.test(bare) || /^\d{1,2}-\d{1,2}-\d{2,4}$/.test(bare)) return false
  if (/^\d+(?:\.\d+)+(?:[.+~_-]?[0-9A-Za-z][0-9A-Za-z.+~_-]*)?$/.test(bare)) return true
  return bare.includes('.') && readVersion(bare) !== undefined
}

/** `2026-01-31`, `2026.01.31`, `2026/01/31`, `31.01.2026` and the like. Calendar versions look the same. */
export function isDateLike(text: string): boolean {
  return /^(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}$/.test(text) || /^\d{1,2}([-./])\d{1,2}\1(?:19|20)\d\d$/.test(text)
}

export function isYear(text: string): boolean {
  return /^(?:19|20)\d\d$/.test(text)
}
