/** `1 migration`, `2 migrations`, `1,200 tables`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** `1234567` → `1,234,567`. Not by the locale: loading its data costs a run tens of milliseconds. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}
