/** Levenshtein's distance: how many characters are put in, taken out or changed; `one` is looked at up to 60 characters. */
export function editDistance(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= Math.min(one.length, 60); row++) {
    const line = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1
      line.push(Math.min((before[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1, (before[column - 1] ?? 0) + same))
    }
    before = line
  }
  return before.at(-1) ?? 0
}
