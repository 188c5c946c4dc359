import { formatPep440, parsePep440 } from '../../actions/shared/pep440.ts'

/** The normal form without trailing zeros in the release: equal for versions that are one release (`canonicalize_version`). */
export function canonicalVersion(text: string): string {
  const version = parsePep440(text)
  if (version === undefined) return text
  const lastNumber = version.release.findLastIndex((number) => number !== 0n)
  return formatPep440({ ...version, release: version.release.slice(0, Math.max(1, lastNumber + 1)) })
}
