import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser'
import { describe, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { frontDoors, readActionMetadata } from '../../scripts/action-metadata.ts'
import { guardConfiguration } from './guard-configuration.ts'
import { readPage } from './markdown.ts'
import { projectFiles, read } from './repository.ts'

interface Snippet {
  readonly place: string
  readonly text: string
}

const workflowFiles: readonly Snippet[] = projectFiles()
  .filter((path) => /(^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(path) && !path.startsWith('tests/'))
  .map((path) => ({ place: path, text: read(path) }))

/** YAML in this project's pages: whole workflows, jobs, or steps. */
const snippets: readonly Snippet[] = projectFiles()
  .filter((path) => /^[^/]+\.md$|^docs\/.*\.md$|^[a-z-]+\/README\.md$/.test(path))
  .flatMap((path) =>
    readPage(path)
      .code.filter(({ language }) => language === 'yaml' || language === 'yml')
      .map(({ text, line }) => ({ place: `${path}:${line}`, text }))
  )
  // How a repository is rehearsed, or guarded, is no workflow; their readers have tests of their own.
  .filter(({ text }) => !text.startsWith('# .github/rehearsal.yml\n') && !guardConfiguration.test(text))

const everything = [...workflowFiles, ...snippets]

test('the examples and the pages hold workflows', () => {
  expect(workflowFiles.map(({ place }) => place)).toContain('examples/python-lib/.github/workflows/release.yml')
  expect(snippets.filter(isWorkflow).length).toBeGreaterThan(0)
})

function isWorkflow({ text }: Snippet): boolean {
  return /^on:/m.test(text) && /^jobs:/m.test(text)
}

test.each(everything)('$place is a workflow, a job or steps that GitHub takes', (snippet) => {
  const file = { name: snippet.place, content: asWorkflow(snippet) }
  const { context } = parseWorkflow(file, new NoOperationTraceWriter())
  expect(context.errors.getErrors().map((error) => error.message)).toEqual([])
})

/** Jobs and steps alone are put where they would stand. */
function asWorkflow(snippet: Snippet): string {
  if (isWorkflow(snippet)) return snippet.text
  const value: unknown = parse(snippet.text)
  const jobs = Array.isArray(value) ? { job: { 'runs-on': 'ubuntu-latest', steps: value } } : value
  return stringify({ on: 'push', jobs })
}

describe('a step that uses one of our actions', () => {
  const steps = everything.flatMap(({ place, text }) => ourSteps(parse(text)).map((step) => ({ place, ...step })))

  test('is found in the examples and pages', () => {
    expect(new Set(steps.map((step) => step.action))).toEqual(new Set(frontDoors))
  })

  test.each(steps)('names an action and inputs that exist: $action in $place', ({ action, inputs }) => {
    expect(frontDoors).toContain(action)
    const known = Object.keys(readActionMetadata(action).inputs)
    expect(inputs.filter((input) => !known.includes(input))).toEqual([])
  })
})

/** Every mapping below `value` with `uses: org/release-actions/ACTION@…`. */
function ourSteps(value: unknown): readonly { readonly action: string; readonly inputs: readonly string[] }[] {
  if (Array.isArray(value)) return value.flatMap(ourSteps)
  if (typeof value !== 'object' || value === null) return []
  const action = 'uses' in value ? /^org\/release-actions\/([^@]+)@/.exec(String(value.uses))?.[1] : undefined
  if (action === undefined) return Object.values(value).flatMap(ourSteps)
  const given: unknown = 'with' in value ? value.with : {}
  return [{ action, inputs: typeof given === 'object' && given !== null ? Object.keys(given) : [] }]
}
