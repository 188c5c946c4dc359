import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { ActionError } from '../../actions/shared/problem.ts'
import { isolatedGit } from '../../rehearse/git.ts'
import { readOptions } from '../../rehearse/options.ts'
import { prepare } from '../../rehearse/preparation.ts'
import { readSettings } from '../../rehearse/settings.ts'
import { settle } from '../../rehearse/settled-options.ts'
import { parseUses } from '../../rehearse/uses.ts'
import { temporaryFolder } from '../support/run-action.ts'

const project = join(import.meta.dirname, '..', '..')

async function prepared(files: Readonly<Record<string, string>>, args: readonly string[] = ['--tag', 'v1']) {
  const folder = temporaryFolder('prepare')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const read = readOptions(['--repo', folder, ...args.map((arg) => arg.replace('FOLDER', folder))])
  if (!('options' in read)) throw new Error('bad arguments')
  return prepare(settle(read.options, readSettings(folder), folder), project, isolatedGit(temporaryFolder('git')))
}

const problemsOf = async (preparing: Promise<unknown>): Promise<string[]> => {
  const error = await preparing.then(
    () => undefined,
    (reason: unknown) => reason
  )
  if (!(error instanceof ActionError)) throw new Error('nothing was refused', { cause: error })
  return error.problems.map(({ message }) => message)
}

const workflow = (steps: string) => `on: push\njobs: {a: {runs-on: x, steps: [${steps}]}}`
const release = '.github/workflows/release.yml'

test('aliases that would grow beyond all bounds are refused as a fault of the file', async () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
  for (const [one, two] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg']) bomb.push(`${two}: &${two} [${`*${one}, `.repeat(9)}]`)
  const text = `on: push\njobs: {a: {runs-on: x, steps: []}}\n${bomb.join('\n')}\n`
  const problems = await problemsOf(prepared({ [release]: text }))
  expect(problems.join()).toMatch(/^not YAML: Excessive alias count/)
})

describe('what stands for each action', () => {
  test('stand-ins, the project’s own under any name, and nothing for the rest', async () => {
    const { actions } = await prepared({
      [release]: workflow(
        '{uses: actions/checkout@v6}, {uses: some/fork/changelog-release@0123abc}, {uses: actions/cache/restore@v4}, ' +
          '{uses: softprops/action-gh-release@v2}, {uses: actions/upload-artifact/merge@v4}'
      )
    })
    expect(actions.map(({ repository, kind }) => [repository, kind])).toEqual([
      ['actions/checkout', 'stand-in'],
      ['some/fork', 'own'],
      ['actions/cache', 'stand-in'],
      ['softprops/action-gh-release', 'not-rehearsed'],
      ['actions/upload-artifact', 'not-rehearsed']
    ])
  })

  test('local composites and supplied actions are searched for more', async () => {
    const { actions, texts } = await prepared(
      {
        [release]: workflow('{uses: ./tools/build}, {uses: some/action@v1}'),
        'tools/build/action.yml':
          'runs: {using: composite, steps: [{uses: actions/setup-node@v4}, {uses: ./tools/build}, {run: "${{ secrets.X }}"}]}',
        'supplied/action.yaml': 'runs: {using: composite, steps: [{uses: other/action@v2}]}'
      },
      ['--tag', 'v1', '--action', 'some/action@v1=FOLDER/supplied']
    )
    expect(actions.map(({ repository, kind }) => [repository, kind])).toEqual([
      ['actions/setup-node', 'stand-in'],
      ['some/action', 'supplied'],
      ['other/action', 'not-rehearsed']
    ])
    expect(texts.join()).toContain('secrets.X')
  })

  test('a local action that needs Docker is left out and told, however deep the need is', async () => {
    const { leftOutSteps, notRehearsed } = await prepared({
      [release]: workflow('{uses: ./own}, {uses: ./outer}, {uses: ./dollar}, {uses: $/good}'),
      'own/action.yml': 'runs: {using: docker, image: Dockerfile}',
      'outer/action.yml': 'runs: {using: composite, steps: [{uses: ./inner}]}',
      'inner/action.yml': 'runs: {using: composite, steps: [{uses: "docker://alpine:3"}]}',
      'dollar/action.yml': 'runs: {using: composite, steps: [{uses: $/good}]}',
      'good/action.yml': 'runs: {using: composite, steps: [{run: "true", shell: sh}]}'
    })
    expect([...leftOutSteps]).toEqual(['./own', './outer', './dollar'])
    expect(notRehearsed).toEqual(
      expect.arrayContaining([
        './own runs in Docker, which is not here',
        './outer: docker://alpine:3 needs Docker, which is not here',
        './dollar: $/good inside a composite action is not known to act'
      ])
    )
  })

  test('a supplied action that runs in Docker is refused', async () => {
    const files = {
      [release]: workflow('{uses: some/action@v1}'),
      'it/action.yml': 'runs: {using: docker, image: Dockerfile}'
    }
    expect(await problemsOf(prepared(files, ['--tag', 'v1', '--action', 'some/action@v1=FOLDER/it']))).toEqual([
      'some/action@v1 cannot be rehearsed: some/action@v1 runs in Docker, which is not here'
    ])
  })

  test('a name that is none is refused, and so is an action that this project does not have', async () => {
    const problems = await problemsOf(
      prepared({
        [release]: workflow(
          '{uses: checkout}, {uses: org/release-actions/pypi-publish@v1}, {uses: org/release-actions/pypi@v1}'
        )
      })
    )
    expect(problems).toContain('"checkout" names no action')
    expect(problems).toContain('there is no action org/release-actions/pypi@v1')
  })

  test.each([
    ['actions/cache/save@v4', { kind: 'repository', repository: 'actions/cache', path: 'save', ref: 'v4' }],
    ['a/b@refs/heads/x/y', { kind: 'repository', repository: 'a/b', path: '', ref: 'refs/heads/x/y' }],
    ['./.github/actions/x', { kind: 'local', path: join('.github', 'actions', 'x') }],
    ['docker://alpine:3', { kind: 'docker' }],
    ['actions/checkout', { kind: 'unknown' }]
  ])('%s', (text, expected) => {
    expect(parseUses(text)).toMatchObject(expected)
  })
})

describe('the workflow that is meant', () => {
  test('is the only one that the event starts', async () => {
    const { plan } = await prepared({
      [release]: workflow('{run: x}'),
      '.github/workflows/ci.yml': workflow('{run: x}').replace('on: push', 'on: pull_request')
    })
    expect(plan.workflow.path).toBe(release)
  })

  test('must be named when there are several', async () => {
    const files = { [release]: workflow('{run: x}'), '.github/workflows/other.yml': workflow('{run: x}') }
    expect((await problemsOf(prepared(files))).join()).toContain(
      'starts 2 workflows: .github/workflows/other.yml, .github/workflows/release.yml'
    )
    expect((await prepared(files, ['--tag', 'v1', '--workflow', release])).plan.workflow.path).toBe(release)
  })

  test('is refused with its line when it is no YAML', async () => {
    expect(
      (await problemsOf(prepared({ [release]: 'on: push\njobs: {a: [' }, ['--tag', 'v1', '--workflow', release])))[0]
    ).toMatch(/^not YAML: /)
  })

  test.each(['release.yml', release])('is found by %s', async (name) => {
    const { plan } = await prepared({ [release]: workflow('{run: x}') }, ['--tag', 'v1', '--workflow', name])
    expect(plan.workflow.path).toBe(release)
  })

  test('is told with those that exist when there is none of that name', async () => {
    const files = { [release]: workflow('{run: x}'), '.github/workflows/ci.yaml': workflow('{run: x}') }
    const error = await prepared(files, ['--tag', 'v1', '--workflow', 'publish.yml']).catch((one: unknown) => one)
    expect(error).toMatchObject({ problems: [{ hint: 'name one of ci.yaml, release.yml' }] })
  })

  test.each(['v1 4', 'v1.4.1$(touch x)'])('is not looked for with the tag "%s"', async (tag) => {
    expect(await problemsOf(prepared({}, ['--tag', tag]))).toEqual([`"${tag}" is no name for a tag`])
  })

  test('needs a tag for a push', async () => {
    expect(await problemsOf(prepared({ [release]: workflow('{run: x}') }, []))).toEqual([
      expect.stringMatching(/^no tag is given for .*, and none is at its HEAD$/)
    ])
  })
})

describe('what GitHub lets pass', () => {
  test('is warned of: inputs that an action at hand does not declare', async () => {
    const { warnings } = await prepared(
      {
        [release]: workflow(
          '{uses: org/release-actions/changelog-release@v1, with: {asets: dist/*, TAG: v1}}, ' +
            '{uses: ./local, with: {who: me, what: x}}, {uses: some/action@v1, with: {on: a}}, {uses: far/away@v1, with: {x: y}}'
        ),
        'local/action.yml':
          'inputs: {Who: {}}\nruns: {using: composite, steps: [{uses: some/action@v1, with: {off: a}}]}',
        'supplied/action.yml': 'runs: {using: node24, main: x}'
      },
      ['--tag', 'v1', '--action', 'some/action@v1=FOLDER/supplied']
    )
    expect(warnings).toEqual([
      expect.stringMatching(
        /^\.github\/workflows\/release\.yml: org\/release-actions\/changelog-release@v1: Unexpected input\(s\) 'asets', valid inputs are \['tag', .*'assets'/
      ),
      expect.stringContaining("./local: Unexpected input(s) 'what', valid inputs are ['Who']"),
      expect.stringMatching(/^\.\/local: some\/action@v1: Unexpected input\(s\) 'off'/),
      expect.stringContaining("some/action@v1: Unexpected input(s) 'on', valid inputs are []")
    ])
  })

  test('is warned of: a secret or a variable on the command line that the workflow does not name', async () => {
    const files = { [release]: workflow('{run: "echo ${{ secrets.KNOWN }} ${{ vars.LEVEL }}"}') }
    const given = ['--secret', 'NOPE=xyzzy', '--secret', 'known=a', '--var', 'LEVLE=1']
    const { warnings } = await prepared(files, ['--tag', 'v1', ...given])
    expect(warnings).toEqual([
      '--secret NOPE: the workflow names nothing so; it names KNOWN',
      '--var LEVLE: the workflow names nothing so; it names LEVEL'
    ])
  })
})
