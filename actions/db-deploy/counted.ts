/** `1 migration`, `2 migrations`, `1,200 tables`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** `1234567` → `1,234,567`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
