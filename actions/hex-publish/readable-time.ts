/** `2026-08-20 10:11:12 UTC`. @param milliseconds since the epoch */
export function readableTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
