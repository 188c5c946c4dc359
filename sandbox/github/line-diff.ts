/** The difference of two texts, by lines. */
export interface LineDiff {
  readonly additions: number
  readonly deletions: number
  /** Unified hunks with three lines of context, without file headers: the `patch` of a diff entry. */
  readonly patch: string
}

type Line = { readonly kind: ' ' | '-' | '+'; readonly text: string }

const context = 3

/** Compares by lines with Myers' algorithm (An O(ND) Difference Algorithm, 1986), as git does. */
export function diffLines(before: string, after: string): LineDiff {
  const lines = edits(split(before), split(after))
  return {
    additions: lines.filter(({ kind }) => kind === '+').length,
    deletions: lines.filter(({ kind }) => kind === '-').length,
    patch: hunks(lines)
  }
}

/** Lines with their newline, so that a last line without one differs from the same with one. */
function split(text: string): readonly string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}

function edits(before: readonly string[], after: readonly string[]): readonly Line[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let [beforeEnd, afterEnd] = [before.length, after.length]
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--
    afterEnd--
  }
  const same = (lines: readonly string[]): readonly Line[] => lines.map((text) => ({ kind: ' ', text }))
  return [
    ...same(before.slice(0, start)),
    ...shortest(before.slice(start, beforeEnd), after.slice(start, afterEnd)),
    ...same(before.slice(beforeEnd))
  ]
}

/** Past this many edits the rest is told as replaced whole: the exact answer costs their square. */
const mostEdits = 1000

function shortest(a: readonly string[], b: readonly string[]): readonly Line[] {
  const replaced = (): readonly Line[] => [
    ...a.map((text): Line => ({ kind: '-', text })),
    ...b.map((text): Line => ({ kind: '+', text }))
  ]
  if (a.length === 0 || b.length === 0) return replaced()
  const trace: Map<number, number>[] = []
  const farthest = new Map([[1, 0]])
  for (let distance = 0; distance <= Math.min(a.length + b.length, mostEdits); distance++) {
    trace.push(new Map(farthest))
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = goesDown(farthest, diagonal, distance)
        ? (farthest.get(diagonal + 1) ?? 0)
        : (farthest.get(diagonal - 1) ?? 0) + 1
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++
      farthest.set(diagonal, x)
      if (x >= a.length && x - diagonal >= b.length) return backtrack(a, b, trace)
    }
  }
  return replaced()
}

function goesDown(farthest: ReadonlyMap<number, number>, diagonal: number, distance: number): boolean {
  return (
    diagonal === -distance ||
    (diagonal !== distance && (farthest.get(diagonal - 1) ?? 0) < (farthest.get(diagonal + 1) ?? 0))
  )
}

function backtrack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly ReadonlyMap<number, number>[]
): readonly Line[] {
  const lines: Line[] = []
  let [x, y] = [a.length, b.length]
  for (let distance = trace.length - 1; distance >= 0; distance--) {
    const farthest = trace[distance] ?? new Map<number, number>()
    const down = goesDown(farthest, x - y, distance)
    const from = x - y + (down ? 1 : -1)
    const fromX = distance === 0 ? 0 : (farthest.get(from) ?? 0)
    const fromY = distance === 0 ? 0 : fromX - from
    while (x > fromX && y > fromY) {
      lines.push({ kind: ' ', text: a[x - 1] ?? '' })
      x--
      y--
    }
    if (distance > 0) lines.push(down ? { kind: '+', text: b[fromY] ?? '' } : { kind: '-', text: a[fromX] ?? '' })
    x = fromX
    y = fromY
  }
  return lines.reverse()
}

function hunks(lines: readonly Line[]): string {
  const changed = lines.flatMap(({ kind }, index) => (kind === ' ' ? [] : [index]))
  const ranges: { from: number; to: number }[] = []
  for (const index of changed) {
    const last = ranges.at(-1)
    const from = Math.max(0, index - context)
    const to = Math.min(lines.length, index + context + 1)
    if (last !== undefined && from <= last.to) last.to = to
    else ranges.push({ from, to })
  }
  return ranges.map(({ from, to }) => hunk(lines, from, to)).join('\n')
}

function hunk(lines: readonly Line[], from: number, to: number): string {
  const earlier = lines.slice(0, from)
  const inside = lines.slice(from, to)
  const count = (part: readonly Line[], without: '+' | '-'): number =>
    part.filter(({ kind }) => kind !== without).length
  const range = (without: '+' | '-'): string => {
    const length = count(inside, without)
    const start = count(earlier, without) + (length === 0 ? 0 : 1)
    return length === 1 ? String(start) : `${start},${length}`
  }
  const body = inside.map(({ kind, text }) =>
    text.endsWith('\n') ? kind + text.slice(0, -1) : `${kind}${text}\n\\ No newline at end of file`
  )
  return [`@@ -${range('+')} +${range('-')} @@`, ...body].join('\n')
}
