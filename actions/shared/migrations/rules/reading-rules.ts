import { peerRules } from '../peers.ts'
import type { PlacedFault, Rule, Script } from './rule.ts'

/** What cannot be read, does nothing, or is not understood. */
export const readingRules: readonly Rule[] = [
  {
    id: 'syntax-error',
    family: 'reading',
    title: 'A migration that is not valid',
    levels: { default: 'error', calm: 'error', strict: 'error' },
    loud: true,
    whole: ({ migration }) =>
      migration.syntaxError === undefined
        ? []
        : [
            {
              span: migration.syntaxError.span,
              subject: migration.file.name,
              message: `the statement there cannot be checked, nor can what depends on it: ${migration.syntaxError.message}`,
              hint: 'Correct it; the database would refuse it as well.'
            }
          ]
  },
  {
    id: 'dynamic-sql',
    family: 'reading',
    title: 'SQL that is not known before it runs',
    levels: { default: 'warning', calm: 'notice', strict: 'error' },
    of: ['unknown'],
    each(operation) {
      if (operation.kind !== 'unknown') return undefined
      return {
        subject: operation.why,
        message: 'what it does cannot be said before it runs, so none of the rules looked at it',
        hint: 'Write the statements out; or have somebody read it, and silence this finding with the reason.'
      }
    }
  },
  {
    id: 'without-effect',
    family: 'reading',
    title: 'A call that does nothing',
    levels: { default: 'warning', calm: 'warning', strict: 'error' },
    whole: ({ migration }) =>
      (migration.ecto?.withoutEffect ?? []).map(({ span, what }) => ({
        span,
        subject: what,
        message: 'it only describes something: Ecto does nothing with it, and says nothing',
        hint: 'Put create, drop or drop_if_exists before it.'
      }))
  },
  {
    id: 'unknown-suppression',
    family: 'reading',
    title: 'A comment that silences a rule nobody has',
    levels: { default: 'notice', calm: 'off', strict: 'warning' },
    whole: unknownNames
  }
]

function unknownNames({ migration, context }: Script): readonly PlacedFault[] {
  if (!context.suppressions) return []
  return migration.suppressions.flatMap(({ by, rules, line }) =>
    rules
      .filter((name) => peerRules(by, name) === undefined)
      .map((name) => ({
        span: { start: { line, column: 1 }, end: { line, column: 1 } },
        subject: name,
        message: `the comment silences a rule of this name, and ${by} has none`,
        hint: 'Correct the name: docs/migration-rules.md lists those that a comment can silence; rules of docs/migration-policy.md are set in the configuration.'
      }))
  )
}
