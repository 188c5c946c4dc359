// needs: act
// The example of the README, as its users would run it.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { exitCodes } from '../../rehearse/closing.ts'
import { rehearseWith, type Rehearsed } from '../rehearse/rehearse-folder.ts'

const filesOn = ({ outcome }: Rehearsed, index: string): string[] =>
  outcome.indexes
    .filter(({ name }) => name === index)
    .flatMap(({ projects }) =>
      projects.flatMap(({ releases }) => releases.flatMap(({ files }) => files.map(({ name }) => name)))
    )
    .toSorted()

const distributions = (version: string): string[] => [
  `awaketime-${version}-py3-none-any.whl`,
  `awaketime-${version}-py3-none-macosx_11_0_arm64.whl`,
  `awaketime-${version}-py3-none-manylinux_2_17_x86_64.whl`,
  `awaketime-${version}-py3-none-win_amd64.whl`,
  `awaketime-${version}.tar.gz`
]

describe('the example', () => {
  test('v0.2.0-beta.1 goes to TestPyPI and becomes a prerelease', async () => {
    const rehearsed = await rehearseWith(['--tag', 'v0.2.0-beta.1'])
    const { outcome } = rehearsed
    expect({ errors: outcome.errors, exit: exitCodes[outcome.verdict] }).toEqual({ errors: [], exit: 0 })
    expect(filesOn(rehearsed, 'PyPI')).toEqual([])
    expect(filesOn(rehearsed, 'TestPyPI')).toEqual(distributions('0.2.0b1'))
    expect(outcome.releases).toMatchObject([{ tag: 'v0.2.0-beta.1', state: 'published, prerelease' }])
  })

  test('v0.2.0 goes to PyPI and becomes a release with notes and the same files', async () => {
    const rehearsed = await rehearseWith([])
    const { outcome } = rehearsed
    expect(exitCodes[outcome.verdict]).toBe(0)
    expect(filesOn(rehearsed, 'TestPyPI')).toEqual([])
    const published = filesOn(rehearsed, 'PyPI')
    expect(published).toEqual(distributions('0.2.0'))
    const [release] = outcome.releases
    expect(release).toMatchObject({ tag: 'v0.2.0', state: 'published' })
    expect(release?.assets.map(({ name }) => name).toSorted()).toEqual(published)
    expect(release?.notes.trim()).not.toBe('')
    expect(outcome.remarks.join('\n')).toContain(
      'a trusted publisher on PyPI was assumed; register octo-org/python-lib (with your own owner), workflow release.yml, environment release'
    )
    expect(existsSync(rehearsed.report.page)).toBe(true)
    expect(readFileSync(rehearsed.report.markdown, 'utf8')).toContain('awaketime')
  })

  test('started by hand, it writes nothing', async () => {
    const rehearsed = await rehearseWith(['--event', 'workflow_dispatch'])
    const { outcome } = rehearsed
    expect(exitCodes[outcome.verdict]).toBe(0)
    expect([...filesOn(rehearsed, 'PyPI'), ...filesOn(rehearsed, 'TestPyPI'), ...outcome.releases]).toEqual([])
    const writes = outcome.requests.filter(({ wrote, url }) => wrote && !/\/_\/oidc\/|\/idtoken/.test(url))
    expect(writes).toEqual([])
  })

  test('started by hand with dry-run switched off, it publishes', async () => {
    const rehearsed = await rehearseWith(['--event', 'workflow_dispatch', '--input', 'dry-run=false'])
    expect(exitCodes[rehearsed.outcome.verdict]).toBe(0)
    expect(filesOn(rehearsed, 'PyPI')).toHaveLength(5)
  })

  test('a fault on the way makes no difference to what is published', async () => {
    const rehearsed = await rehearseWith(['--fault', 'POST upload.pypi.org/legacy/ 503'])
    expect(exitCodes[rehearsed.outcome.verdict]).toBe(0)
    expect(filesOn(rehearsed, 'PyPI')).toHaveLength(5)
  })
})
