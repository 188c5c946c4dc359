import type { Configuration, FailOn, LintPolicy } from './configuration.ts'
import type { Demands } from './inputs.ts'

export interface Tightened {
  readonly configuration: Configuration
  /** What an input asked for in vain, as sentences for a user. */
  readonly notes: readonly string[]
}

/**
 * The configuration with what inputs ask for. The workflow of a pull request is part of it, so where there is a
 * configuration, inputs make it stricter or they do nothing, which is told. Without one they hold as they are.
 */
export function tighten(configuration: Configuration, demands: Demands): Tightened {
  let tightened = configuration
  const notes: string[] = []
  for (const { input, apply, strictness } of table) {
    const wanted = apply(tightened, demands)
    if (wanted === undefined) continue
    const looser = strictness(wanted) < strictness(tightened)
    if (configuration.file === undefined || !looser) tightened = wanted
    else
      notes.push(
        `Input ${input} is not used: it asks for less than ${configuration.file} does, and inputs only tighten it.`
      )
  }
  return { configuration: tightened, notes }
}

interface Tightening {
  readonly input: string
  /** The configuration as the input would have it; undefined where it is not given. */
  readonly apply: (configuration: Configuration, demands: Demands) => Configuration | undefined
  /** Greater is stricter. What makes nothing stricter or looser is the same for all. */
  readonly strictness: (configuration: Configuration) => number
}

const table: readonly Tightening[] = [
  {
    input: 'fail-on',
    apply: (configuration, { failOn }) => failOn && { ...configuration, failOn },
    strictness: ({ failOn }) => failing[failOn]
  },
  {
    input: 'lint',
    apply: (configuration, { lint }) => (lint === undefined ? undefined : withLint(configuration, { enabled: lint })),
    strictness: ({ lint }) => (lint.enabled ? 1 : 0)
  },
  {
    input: 'profile',
    apply: (configuration, { profile }) => profile && withLint(configuration, { profile }),
    strictness: ({ lint }) => profiles[lint.profile]
  },
  {
    // Newer servers lock less, so rules are switched off by a greater number, never by a smaller one.
    input: 'postgres',
    apply: (configuration, { postgres }) =>
      postgres === undefined ? undefined : withLint(configuration, { postgres }),
    strictness: ({ lint }) => -lint.postgres
  },
  {
    // The findings are told in the summary all the same.
    input: 'comment',
    apply: (configuration, { comment }) => (comment === undefined ? undefined : { ...configuration, comment }),
    strictness: () => 0
  }
]

const failing: Readonly<Record<FailOn, number>> = { never: 0, error: 1, warning: 2 }
const profiles: Readonly<Record<LintPolicy['profile'], number>> = { calm: 0, default: 1, strict: 2 }

function withLint(configuration: Configuration, lint: Partial<LintPolicy>): Configuration {
  return { ...configuration, lint: { ...configuration.lint, ...lint } }
}
