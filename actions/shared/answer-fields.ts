import { fail } from './problem.ts'

/** The fields of a JSON object; none of anything else. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}

/** One field of a JSON object or array; undefined of anything else. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (Object.entries(value).find(([key]) => key === name)?.[1] as unknown)
    : undefined
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Logins are compared without case, as GitHub does. */
export function sameLogin(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** The first twelve characters of a commit id, as people are shown it. */
export function short(sha: string): string {
  return sha.slice(0, 12)
}

export function unexpected(what: string): never {
  fail({
    code: 'github-unexpected',
    message: `GitHub’s answer is no ${what}.`,
    hint: 'Check GITHUB_API_URL; if it is right, run the job again, and report this if it stays.'
  })
}
