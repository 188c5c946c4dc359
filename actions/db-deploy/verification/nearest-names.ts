/**
 * Those of the names that a reader may have meant, nearest first, three at most: as many edits away as a third of the
 * name's length, whatever the case.
 */
export function nearestNames(wanted: string, names: readonly string[]): readonly string[] {
  const lower = wanted.toLowerCase()
  const most = Math.max(1, Math.floor(lower.length / 3))
  return [...new Set(names)]
    .map((name) => ({ name, edits: distance(lower, name.toLowerCase()) }))
    .filter(
      ({ name, edits }) => edits <= most || name.toLowerCase() === `${lower}s` || `${name.toLowerCase()}s` === lower
    )
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** Levenshtein's. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, character] of [...one].entries()) {
    let before = index
    row = row.map((above, column) => {
      if (column === 0) return (before = index + 1)
      const diagonal = row[column - 1] ?? 0
      return (before = Math.min(above + 1, before + 1, diagonal + (other[column - 1] === character ? 0 : 1)))
    })
  }
  return row.at(-1) ?? 0
}
