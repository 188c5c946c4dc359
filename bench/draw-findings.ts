import { linter } from './lint-files.ts'

/**
 * Errors at default levels drawn from a folder's migrations, for somebody to judge one by one. The same seed draws the
 * same ones as long as the linter finds the same.
 */
export async function drawFindings(folder: string, number: number, seed: number): Promise<string> {
  const lintEach = await linter(folder, 'default')
  const errors: string[] = []
  for (const { migration, result } of lintEach()) {
    const lines = migration.file.text.split('\n')
    for (const { rule, level, span, message } of result.findings) {
      if (level !== 'error') continue
      const place = `${migration.file.path}:${span?.start.line ?? 1}`
      const statement =
        span === undefined ? [] : lines.slice(span.start.line - 1, Math.min(span.end.line, span.start.line + 9))
      errors.push(
        [`[${rule}] ${place}`, `  ${message}`, ...statement.map((line) => `  | ${line.trimEnd()}`)].join('\n')
      )
    }
  }
  const next = numbersFrom(seed)
  const drawn: string[] = []
  while (drawn.length < number && errors.length > 0) drawn.push(...errors.splice(Math.floor(next() * errors.length), 1))
  return drawn.map((text, at) => `${at + 1}. ${text}`).join('\n')
}

/** mulberry32: numbers from 0 to 1. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
