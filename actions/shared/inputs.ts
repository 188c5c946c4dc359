import type { Problem } from './problem.ts'
import { shortestSecret, type Secrets } from './secrets.ts'

/**
 * Reads an action's inputs from the environment as the runner gives them (`INPUT_<NAME>`, hyphens kept). An empty
 * value is a value not given, as in GitHub's expressions. Every bad input is a problem; all are told together.
 */
export interface InputReader {
  /** The value without surrounding white space, or `undefined`. */
  text(name: string): string | undefined
  /** As `text`, masked; one too short to be masked is a problem. */
  secret(name: string): string | undefined
  /** Masks what was made of an input, or of the environment: the password in an address. */
  hide(value: string): void
  /** The non-empty lines, each without surrounding white space. */
  lines(name: string): readonly string[]
  /** `true`/`false` in YAML 1.2's spellings; anything else is a problem. */
  flag(name: string, otherwise: boolean): boolean
  choice<const T extends string>(name: string, choices: readonly T[], otherwise: T): T
  /** Notes a problem that only the action can see, such as two inputs that exclude each other. */
  reject(problem: Problem): void
  /** Everything noted so far. */
  readonly problems: readonly Problem[]
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  TRUE: true,
  false: false,
  False: false,
  FALSE: false
}

/** @param env the environment with the `INPUT_` variables */
export function createInputReader(env: NodeJS.ProcessEnv, secrets: Secrets): InputReader {
  const problems: Problem[] = []
  const text = (name: string): string | undefined =>
    env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`]?.trim() || undefined
  return {
    text,
    secret(name) {
      const value = text(name)
      if (value === undefined) return undefined
      if (value.length < shortestSecret) {
        problems.push({
          code: 'secret-too-short',
          message: `Input ${name} has ${value.length} characters, too few to be hidden in logs and summaries.`,
          hint: `Use a secret of at least ${shortestSecret} characters, and check that the input is filled from the right one.`
        })
      }
      secrets.add(value)
      return value
    },
    hide(value) {
      secrets.add(value)
    },
    lines(name) {
      return (text(name) ?? '')
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== '')
    },
    flag(name, otherwise) {
      const value = text(name)
      if (value === undefined) return otherwise
      const known = booleans[value]
      if (known !== undefined) return known
      problems.push({
        code: 'input-not-boolean',
        message: `Input ${name} is ${JSON.stringify(value)}, which is neither true nor false.`,
        hint: `Write \`${name}: true\` or \`${name}: false\`.`
      })
      return otherwise
    },
    choice(name, choices, otherwise) {
      const value = text(name)
      if (value === undefined) return otherwise
      const known = choices.find((choice) => choice === value)
      if (known !== undefined) return known
      problems.push({
        code: 'input-not-a-choice',
        message: `Input ${name} is ${JSON.stringify(value)}.`,
        hint: `Write one of: ${choices.join(', ')}.`
      })
      return otherwise
    },
    reject(problem) {
      problems.push(problem)
    },
    problems
  }
}
