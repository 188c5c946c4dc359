import { expect, test } from '@jest/globals'
import { readSharedHeads } from '../../actions/migration-guard/shared-heads.ts'
import { judge } from './policy/judged-change.ts'
import { openStage, repository } from './pull-stage.ts'

test('an open pull request of the same commit to another branch is found, none to the same and none that is closed', async () => {
  const stage = await openStage()
  const { github } = stage.sandbox
  github.commitFiles(repository, 'weak', { a: '1' }, { by: 'author' })
  github.commitFiles(repository, 'old', { a: '2' }, { by: 'author' })
  const open = (ref: string): number =>
    github.addPullRequest(repository, { author: 'author', head: { ref: 'add-index' }, base: { ref } })
  const pull = await stage.pull()
  expect(await readSharedHeads(stage.access(), pull)).toEqual([])
  const weak = open('weak')
  expect(await readSharedHeads(stage.access(), pull)).toEqual([{ number: weak, branch: 'weak' }])
  expect(await readSharedHeads(stage.access(), { ...pull, headSha: 'f'.repeat(40) })).toEqual([])
})

test('it fails whatever the configuration of the one branch says', async () => {
  const configuration = { rules: { 'shared-head': 'off' as const }, failOn: 'never' as const }
  const files = { 'README.md': 'x' }
  const { unread, checks } = await judge(
    { base: files, head: files },
    { configuration, sharedHeads: [{ number: 8, branch: 'weak' }] }
  )
  expect(unread).toMatchObject([
    { rule: 'shared-head', level: 'error', message: expect.stringContaining('#8 (to weak)') }
  ])
  expect(checks.find(({ name }) => name === 'Pull requests of the same commit')?.state).toBe('failed')
})
