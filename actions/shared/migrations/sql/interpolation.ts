/**
 * Stands in SQL for a value that is known only when the migration runs: `interpolation(3)`. It is a plain identifier, so
 * it parses wherever a name or an expression may stand, inside quotes, and as a part of a longer name. The same
 * expression should get the same number, so that a table that is made and then altered is seen as one.
 */
export function interpolation(number: number): string {
  return `interpolated__${String(number)}__`
}

/** Whether a text has a placeholder in it. */
export function isInterpolated(text: string): boolean {
  return placeholder.test(text)
}

const placeholder = /interpolated__\d+__/i
