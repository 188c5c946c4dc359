import type { OutlineEntry } from './outline.ts'

export interface FoundVersion {
  /** The version, after the product's name where the heading has one. */
  readonly name: string
  readonly line: number
}

const most = 5

/** The versions of a changelog that a reader who looked for `wanted` may have meant, nearest first. */
export function nearestVersions(outline: readonly OutlineEntry[], wanted: string): readonly FoundVersion[] {
  const target = numbers(wanted)
  return outline
    .flatMap(({ kind, line, reading }) =>
      kind === 'version' || kind === 'nested'
        ? reading.versions.map(({ version, product }) => ({
            version,
            name: product === undefined ? version : `${product} ${version}`,
            line
          }))
        : []
    )
    .map(({ version, name, line }) => ({ found: { name, line }, distance: distance(target, numbers(version)) }))
    .sort((a, b) => compare(a.distance, b.distance) || a.found.line - b.found.line)
    .slice(0, most)
    .map(({ found }) => found)
}

function numbers(version: string): readonly number[] {
  return (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number)
}

/** By major, then minor, then the rest: 1.2.9 is nearer to 1.2.3 than 1.3.3 is. */
function distance(a: readonly number[], b: readonly number[]): readonly number[] {
  return Array.from({ length: 4 }, (_, index) => Math.abs((a[index] ?? 0) - (b[index] ?? 0)))
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
