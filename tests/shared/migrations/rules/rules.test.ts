import { describe, expect, test } from '@jest/globals'
import { lint, lintRules } from '../../../../actions/shared/migrations/lint.ts'
import { examples } from './examples.ts'
import { context, linted, migrationsOf, parsed, rulesIn } from './linting.ts'

describe.each(examples)('$rule: $bad', ({ rule, framework = 'sql', bad, good, context: over = {}, words }) => {
  test('is found in the bad example, once', () => {
    const found = linted(bad, framework, over).findings.filter((finding) => finding.rule === rule)

    expect(found.length).toBeGreaterThan(0)
    const places = found.map(({ span, message }) => `${span?.start.line}:${span?.start.column} ${message}`)
    expect(new Set(places).size).toBe(places.length)
  })

  test.each(good)('is silent about %s', (text) => {
    expect(rulesIn(linted(text, framework, over))).not.toContain(rule)
  })

  test(words === true ? 'tells in words what to do' : 'gives a recipe without an error', () => {
    const finding = linted(bad, framework, over).findings.find((one) => one.rule === rule)
    expect(finding?.hint).toMatch(/\.$/)
    if (words === true) {
      expect(finding?.recipe).toBeUndefined()
      return
    }
    const files = migrationsOf(finding?.recipe ?? { language: 'sql', text: '' })
    expect(files.length).toBeGreaterThan(0)
    const recipe = files.map((text, at) => parsed(text, framework, `2026010100000${at}`))
    expect(recipe.flatMap(({ notAnalysed }) => notAnalysed)).toEqual([])
    const errors = lint(recipe, { ...context, ...over }).findings.filter(({ level }) => level === 'error')
    expect(errors).toEqual([])
  })
})

test('every rule has an example', () => {
  const told = new Set(examples.map(({ rule }) => rule))
  expect(lintRules.map(({ id }) => id).filter((id) => !told.has(id))).toEqual([])
})

const plain = examples.filter(
  ({ framework, bad, rule }) =>
    framework === undefined &&
    !/\b(BEGIN|COMMIT)\b/.test(bad) &&
    !['syntax-error', 'unknown-suppression'].includes(rule)
)

describe.each(plain)('$rule in other frameworks: $bad', ({ rule, bad, context: over = {} }) => {
  // What must be one statement of its own there is told with other words.
  test.each([
    ['prisma', bad],
    [
      'ecto',
      `  def up do\n    execute("""\n    ${bad.replaceAll('\\', '\\\\')}\n    """)\n  end\n\n  def down, do: :ok`
    ]
  ] as const)('%s: a recipe, if there is one, has no error', (framework, text) => {
    const statements = framework === 'ecto' ? bad.split(/;\s+(?=[A-Z])/).length : 1
    const { findings } = linted(text, framework, over)
    if (statements === 1) expect(findings.map((one) => one.rule)).toContain(rule)
    for (const { recipe } of findings) {
      if (recipe === undefined) continue
      expect(recipe.language).toBe(framework === 'ecto' ? 'elixir' : 'sql')
      const files = migrationsOf(recipe).map((file, at) => parsed(file, framework, `2026010100000${at}`))
      expect(files.map(({ syntaxError }) => syntaxError).filter((error) => error !== undefined)).toEqual([])
      expect(files.flatMap(({ notAnalysed }) => notAnalysed)).toEqual([])
      const errors = lint(files, { ...context, ...over }).findings.filter(({ level }) => level === 'error')
      expect(errors.map(({ message }) => [message, recipe.text])).toEqual([])
    }
  })
})
