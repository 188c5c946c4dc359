import { editDistance } from '../../shared/edit-distance.ts'

/** Those of the names that a reader may have meant, nearest first, three at most: a plural, or few slips, whatever the case. */
export function nearestNames(wanted: string, names: readonly string[]): readonly string[] {
  const lower = wanted.toLowerCase()
  return [...new Set(names)]
    .map((name) => ({ name, steps: editDistance(lower, name.toLowerCase()) }))
    .filter(({ steps }) => steps <= 1 + Math.floor(lower.length / 4))
    .toSorted((a, b) => a.steps - b.steps)
    .slice(0, 3)
    .map(({ name }) => name)
}
