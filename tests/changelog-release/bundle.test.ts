import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { interruptEverywhere } from '../support/interruptions.ts'
import { pushOfTag, runAction, type ActionRun } from '../support/run-action.ts'
import { notes, repository, setStage, token, write, writes, type Stage } from './release-stage.ts'

const bundles = process.env['RELEASE_ACTIONS_DIST']

/** Runs the bundle as a step of a run that the push of the tag started, under GitHub's real host names. */
function runBundle(
  stage: Stage,
  inputs: Readonly<Record<string, string>> = {},
  kill?: AbortSignal
): Promise<ActionRun> {
  const { tag = 'v1.0.0', ...rest } = inputs
  return runAction('changelog-release', {
    inputs: { assets: 'dist/*', 'github-token': token, ...rest },
    workspace: stage.workspace,
    env: {
      ...stage.sandbox.environment(),
      ...pushOfTag(tag),
      GITHUB_SHA: stage.sandbox.github.refs(repository)[`refs/tags/${tag}`] ?? ''
    },
    ...(kill === undefined ? {} : { kill }),
    ...(bundles === undefined ? {} : { dist: bundles })
  })
}

function endState(sandbox: Sandbox): unknown {
  return sandbox.github.releases(repository).map(({ tag, name, body, draft, prerelease, assets }) => ({
    tag,
    name,
    body,
    draft,
    prerelease,
    assets: assets.map((asset) => `${asset.name} ${asset.state} ${asset.bytes.toString()}`).sort()
  }))
}

function errors(run: ActionRun): readonly (string | undefined)[] {
  return run.annotations.filter(({ kind }) => kind === 'error').map(({ properties }) => properties['title'])
}

describe('the bundle', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await setStage()
  })
  afterEach(() => stage.sandbox.close())

  test('releases the pushed tag, and its second run writes nothing', async () => {
    const first = await runBundle(stage)
    expect(first.exitCode).toBe(0)
    expect(first.outputs).toMatchObject({
      status: 'published',
      tag: 'v1.0.0',
      version: '1.0.0',
      prerelease: 'false',
      notes,
      url: `https://github.com/${repository}/releases/tag/v1.0.0`
    })
    expect(first.outputs['id']).toMatch(/^\d+$/)
    expect(first.outputs['upload-url']).toContain('https://uploads.github.com/')
    expect(first.receipt).toMatchObject({ action: 'changelog-release', status: 'published', tag: 'v1.0.0' })
    expect(first.summary).toContain('`a.whl`')
    const before = writes(stage.sandbox).length
    const second = await runBundle(stage)
    expect([second.exitCode, second.outputs['status']]).toEqual([0, 'unchanged'])
    expect(writes(stage.sandbox).length).toBe(before)
  }, 30_000)

  test('fails with every problem as an annotation at its place, and writes nothing', async () => {
    write(stage.workspace, { 'CHANGELOG.md': '# Changelog\n\n## 1.0.0 (Unreleased)\n\n- a\n', 'dist/empty': '' })
    const run = await runBundle(stage)
    expect(run.exitCode).toBe(1)
    expect(run.outputs['status']).toBe('failed')
    expect(errors(run)).toEqual(['changelog-section-unreleased', 'asset-empty'])
    expect(run.annotations.find(({ kind }) => kind === 'error')?.properties).toMatchObject({
      file: 'CHANGELOG.md',
      line: '3'
    })
    expect(writes(stage.sandbox)).toEqual([])
  }, 30_000)

  test.each(['v1.0.0$(touch x)', 'v1.0.0;touch${IFS}x', 'v1.0.0\n::set-output name=status::published'])(
    'does nothing for a tag such as %j, and runs nothing of it',
    async (tag) => {
      const run = await runAction('changelog-release', {
        inputs: { tag, 'github-token': token },
        workspace: stage.workspace,
        env: stage.sandbox.environment(),
        ...(bundles === undefined ? {} : { dist: bundles })
      })
      expect(run.exitCode).toBe(1)
      expect(errors(run).join()).toMatch(/^tag-/)
      expect(run.stdout).not.toMatch(/^::set-output/m)
      expect(existsSync(join(stage.workspace, 'x'))).toBe(false)
      expect(stage.sandbox.requests).toEqual([])
    },
    30_000
  )

  test('shows its token nowhere and sends it to GitHub only', async () => {
    write(stage.workspace, { 'dist/we ird "name".txt': 'x', 'dist/new\nline.txt': 'y' })
    stage.sandbox.fault('GET api.github.com/repos/*/releases/tags/* 502')
    const runs = [await runBundle(stage), await runBundle(stage, { tag: 'v1.1.0', assets: 'none/*' })]
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 1])
    for (const { everything, masks } of runs) {
      expect(everything).not.toContain(token)
      expect(everything).not.toContain(Buffer.from(token).toString('base64'))
      expect(masks).toContain(token)
    }
    const bearers = stage.sandbox.requests
      .filter(({ secrets }) => secrets.length > 0)
      .map(({ url }) => new URL(url).host)
    expect(new Set(bearers)).toEqual(new Set(['api.github.com', 'uploads.github.com']))
  }, 30_000)

  test('reaches no host but GitHub’s', async () => {
    await runBundle(stage)
    expect(stage.sandbox.requests.filter(({ outcome }) => outcome === 'blocked')).toEqual([])
  }, 30_000)
})

test('killed at any request and run again, a release ends as if it had never been interrupted', async () => {
  const { whole, wholeState, interruptions } = await interruptEverywhere(async () => {
    const stage = await setStage()
    return { sandbox: stage.sandbox, run: (kill) => runBundle(stage, {}, kill) }
  }, endState)

  expect(whole.outputs['status']).toBe('published')
  expect(wholeState).toMatchObject([{ draft: false, assets: ['a.whl uploaded wheel', 'b.tar.gz uploaded sdist'] }])
  expect(interruptions.length).toBeGreaterThanOrEqual(2 * 9)
  for (const { request, moment, killed, again, endState: state } of interruptions) {
    const where = `${moment} ${request}`
    expect({ where, killed: killed.exitCode }).toEqual({ where, killed: null })
    expect({ where, errors: errors(again), status: again.exitCode }).toEqual({ where, errors: [], status: 0 })
    expect({ where, state }).toEqual({ where, state: wholeState })
  }
}, 240_000)
