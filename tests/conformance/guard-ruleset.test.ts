// The ruleset that the guard's README shows, against GitHub's own OpenAPI description.
import { expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import { readPage } from '../contract/markdown.ts'
import { read } from '../contract/repository.ts'
import { officialDescription } from '../sandbox/github/openapi.ts'

interface Ruleset {
  readonly rules: readonly { readonly type: string; readonly parameters: object }[]
}

const shown = readPage('migration-guard/README.md').code.find(({ language }) => language === 'json')
const ruleset = JSON.parse(shown?.text ?? '{}') as Ruleset
const { schemas } = officialDescription().components

/** A schema of the description, with what it refers to beside it. */
function schemaOf(name: string): object {
  const moved = JSON.stringify(schemas).replaceAll('"#/components/schemas/', '"#/$defs/')
  return { $ref: `#/$defs/${name}`, $defs: JSON.parse(moved) as object }
}

test.each(ruleset.rules)(
  'its rule $type is as GitHub describes it, and has no parameter that GitHub does not know',
  (rule) => {
    const name = `repository-rule-${rule.type.replaceAll('_', '-')}`
    const validate = new Ajv({ strict: false, allErrors: true }).compile(schemaOf(name))
    validate(rule)
    expect(validate.errors ?? []).toEqual([])
    const described = schemas[name] as { readonly properties: { readonly parameters: { readonly properties: object } } }
    const known = Object.keys(described.properties.parameters.properties)
    expect(Object.keys(rule.parameters).filter((parameter) => !known.includes(parameter))).toEqual([])
  }
)

test('it requires the check of the job that the README shows', () => {
  const { code } = readPage('migration-guard/README.md')
  const workflow = code.find(({ language, text }) => language === 'yaml' && /^on:/m.test(text))
  const jobs = Object.keys((parse(workflow?.text ?? '') as { readonly jobs: object }).jobs)
  expect(JSON.stringify(ruleset)).toContain(`"context":"${jobs[0] ?? ''}"`)
  expect(read('examples/two-repos/diwa-agent/.github/workflows/migration-guard.yml')).toMatch(
    new RegExp(`^ {2}${jobs[0] ?? ''}:$`, 'm')
  )
})
