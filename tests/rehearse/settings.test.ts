import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readSettings } from '../../rehearse/settings.ts'
import { earlierRehearsals, settle } from '../../rehearse/settled-options.ts'
import { temporaryFolder } from '../support/run-action.ts'
import { folderOf } from './rehearse-folder.ts'
import { messagesOf, optionsOf } from './told-problems.ts'

const file = '.github/rehearsal.yml'

describe('what a repository says about its rehearsal', () => {
  test('is nothing without the file, and then a push is meant', () => {
    const folder = temporaryFolder()
    expect(readSettings(folder)).toEqual({ first: [], beside: [], pulls: [], workflows: [] })
    expect(settle(optionsOf(), readSettings(folder), folder)).toMatchObject({ event: 'push', repository: folder })
  })

  test('gives event, workflow and tag, and the command line goes before it', () => {
    const folder = folderOf({ [file]: 'event: pull_request\nworkflow: ci.yml\ntag: v1.0.0\n' })
    const settings = readSettings(folder)
    expect(settle(optionsOf(), settings, folder)).toMatchObject({
      event: 'pull_request',
      workflow: 'ci.yml',
      usualTag: 'v1.0.0'
    })
    const pushed = settle(optionsOf('--event', 'push', '--tag', 'v2.0.0'), settings, folder)
    expect(pushed).toMatchObject({ event: 'push', tag: 'v2.0.0' })
    // The workflow was named for the other event.
    expect(pushed).not.toHaveProperty('workflow')
  })

  test.each(['python-lib', 'elixir-lib', 'elixir-app'])('is taken as the example %s says it', (example) => {
    const folder = join(import.meta.dirname, '..', '..', 'examples', example)
    const settled = settle(optionsOf(), readSettings(folder), folder)
    expect(settled.event === 'push' ? settled.usualTag : settled.event).toMatch(/^(v\d+\.\d+\.\d+|pull_request)$/)
  })

  test('tells everything that is wrong in it at once', () => {
    const folder = folderOf({
      [file]: 'event: release\ntga: v1\ntag: 1.0\nfirst: [{repo: ../nowhere, branch: x}, {tag: v1}]\n'
    })
    expect(messagesOf(() => readSettings(folder))).toEqual([
      'tga is nothing that is known here',
      'event is "release"',
      'first[0].branch is nothing that is known here',
      'first[0].repo is ../nowhere, and there is no such folder',
      'first[1].repo is missing',
      'tag is 1, and has to be a text'
    ])
    expect(messagesOf(() => readSettings(folderOf({ [file]: '- a\n' })))).toEqual(['it is no mapping'])
    expect(messagesOf(() => readSettings(folderOf({ [file]: 'tag: "x\n' })))).toHaveLength(1)
    expect(messagesOf(() => readSettings(folderOf({ [file]: 'tag: &a [*a]\n' })))).toHaveLength(1)
    expect(messagesOf(() => readSettings(folderOf({ [`${file}/x`]: '' })))).toHaveLength(1)
    expect(readSettings(folderOf({ [file]: '# nothing yet\n' }))).toEqual({
      first: [],
      beside: [],
      pulls: [],
      workflows: []
    })
  })
})

describe('what is to be rehearsed first', () => {
  test('comes in the order in which each needs the other, as a push of its tag', () => {
    const folder = folderOf({
      [`app/${file}`]: 'first: [{repo: ../lib, tag: v0.2.0}]\n',
      [`lib/${file}`]: 'event: pull_request\nworkflow: ci.yml\ntag: v0.1.0\nfirst: [{repo: ../base}]\n',
      [`base/${file}`]: 'tag: v9.0.0\n'
    })
    const app = join(folder, 'app')
    expect(earlierRehearsals(readSettings(app), new Map(), [app])).toMatchObject([
      { repository: join(folder, 'base'), event: 'push', usualTag: 'v9.0.0' },
      { repository: join(folder, 'lib'), event: 'push', tag: 'v0.2.0' }
    ])
  })

  test('may be the release of the same repository, before another of its workflows', () => {
    const folder = folderOf({
      [file]: 'event: workflow_dispatch\nfirst: [{repo: ., tag: v1.0.0, workflow: release.yml}]\n'
    })
    expect(earlierRehearsals(readSettings(folder), new Map(), [folder])).toMatchObject([
      { repository: folder, event: 'push', tag: 'v1.0.0', workflow: 'release.yml' }
    ])
  })

  test('cannot be one that wants this one first', () => {
    const folder = folderOf({ [`a/${file}`]: 'first: [{repo: ../b}]\n', [`b/${file}`]: 'first: [{repo: ../a}]\n' })
    const a = join(folder, 'a')
    expect(messagesOf(() => earlierRehearsals(readSettings(a), new Map(), [a]))).toHaveLength(1)
  })
})
