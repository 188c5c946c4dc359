import { execFileSync } from 'node:child_process'

/** What a program prints, or `undefined` when it is not on PATH or fails. */
export function printed(program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
