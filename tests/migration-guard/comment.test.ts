import { describe, expect, test } from '@jest/globals'
import { commentsOf, enough, marker, openStage, repository, type Stage } from './pull-stage.ts'

const bot = 'github-actions[bot]'

describe('the comment on a pull request', () => {
  test('is made once, updated after, and says when nothing is left', async () => {
    const stage = await openStage()
    expect(await stage.write({ errors: 2 })).toMatchObject({ done: ['comment on #1'], told: [] })
    expect(await stage.write({ errors: 1 })).toMatchObject({ planned: ['update: comment on #1'], told: [] })
    expect(commentsOf(stage)).toEqual([`${bot}: ${marker}\n1 errors`])
    expect(await stage.write({ errors: 1 })).toMatchObject({ planned: ['unchanged: comment on #1'], done: [] })
    expect(await stage.write()).toMatchObject({ planned: ['update: comment on #1'] })
    expect(commentsOf(stage)).toEqual([`${bot}: ${marker}\n0 errors`])
  })

  test('is not made where there is nothing to say', async () => {
    const stage = await openStage()
    expect(await stage.write()).toEqual({ planned: [], done: [], told: [], words: '' })
    expect(commentsOf(stage)).toEqual([])
  })

  test('is found behind the first page of comments', async () => {
    const stage = await openStage()
    for (let n = 0; n < 120; n++) comment(stage, 'guest', `${n}`)
    await stage.write({ errors: 2 })
    expect(await stage.write({ errors: 1 })).toMatchObject({ planned: ['update: comment on #1'] })
    expect(commentsOf(stage)).toHaveLength(121)
  })

  test('is never one of somebody else, who pasted the mark', async () => {
    const stage = await openStage()
    comment(stage, 'mallory', `${marker}\nAll is well, merge it!`)
    expect(await stage.write({ errors: 1 })).toMatchObject({ planned: ['create: comment on #1'], told: [] })
    expect(commentsOf(stage)).toEqual([`mallory: ${marker}\nAll is well, merge it!`, `${bot}: ${marker}\n1 errors`])
  })

  test('is never another comment of the same account', async () => {
    const stage = await openStage()
    comment(stage, bot, `> ${marker}\nquoted`)
    await stage.write({ errors: 1 })
    expect(commentsOf(stage)).toEqual([`${bot}: > ${marker}\nquoted`, `${bot}: ${marker}\n1 errors`])
  })

  test('becomes one again where two runs made two', async () => {
    const stage = await openStage()
    comment(stage, bot, `${marker}\nfirst`)
    comment(stage, bot, `${marker}\nsecond`)
    expect(await stage.write({ errors: 1 })).toMatchObject({ told: [] })
    expect(commentsOf(stage)).toEqual([`${bot}: ${marker}\n1 errors`])
  })

  test('is one when another run makes one in the same moment: the older stays', async () => {
    const stage = await openStage()
    let made = false
    stage.sandbox.intercept(({ method, url }, at) => {
      if (made || at !== 'before' || method !== 'POST' || !url.pathname.endsWith('/comments')) return
      made = true
      comment(stage, bot, `${marker}\nof the other run`)
    })
    expect(await stage.write({ errors: 1 })).toMatchObject({ told: [] })
    expect(made).toBe(true)
    expect(commentsOf(stage)).toEqual([`${bot}: ${marker}\n1 errors`])
  })

  test('is one when two runs write at the same time', async () => {
    const stage = await openStage()
    await Promise.all([stage.write({ errors: 1 }), stage.write({ errors: 1 }), stage.write({ errors: 1 })])
    await stage.write({ errors: 1 })
    expect(commentsOf(stage)).toEqual([`${bot}: ${marker}\n1 errors`])
  })

  test('is made anew when somebody deletes it while it is updated', async () => {
    const stage = await openStage()
    await stage.write({ errors: 2 })
    stage.sandbox.intercept(({ method }, at) => {
      const [state] = stage.sandbox.github.state.repositories
      if (at === 'before' && method === 'PATCH' && state !== undefined) state.issueComments = []
    })
    expect(await stage.write({ errors: 1 })).toMatchObject({ told: [] })
    expect(commentsOf(stage)).toEqual([`${bot}: ${marker}\n1 errors`])
  })

  test('has no secret in it', async () => {
    const stage = await openStage()
    await stage.write({ errors: 1, body: `${marker}\nghs_planted_token_of_the_job was in a file name` })
    expect(commentsOf(stage)).toEqual([`${bot}: ${marker}\n*** was in a file name`])
  })
})

describe('a comment that cannot be written fails nothing', () => {
  test('without the permission, and says which one', async () => {
    const stage = await openStage({ permissions: { ...enough, 'pull-requests': 'read' } })
    const wrote = await stage.write({ errors: 1 })
    expect(wrote).toMatchObject({ done: [], told: ['notice: comment-not-written'] })
    expect(wrote.words).toContain('`permissions: pull-requests: write`')
  })

  test('where the conversation is locked, in GitHub’s words', async () => {
    const stage = await openStage()
    const refusal = '{\\"message\\":\\"Unable to create comment because issue is locked.\\"}'
    stage.sandbox.fault(`POST github/api/v3/repos/${repository}/issues/1/comments 403 body="${refusal}"`)
    const wrote = await stage.write({ errors: 1 })
    expect(wrote.told).toEqual(['notice: comment-not-written'])
    expect(wrote.words).toContain('issue is locked. GitHub refuses it for the reason it gives.')
  })

  test('to a fork’s pull request, and nothing is sent', async () => {
    const stage = await openStage({ fork: 'zoe' })
    expect(await stage.write({ errors: 1 })).toMatchObject({ planned: [], told: ['notice: comment-not-written'] })
    expect(stage.sandbox.writes().filter(({ url }) => !url.endsWith('/graphql'))).toEqual([])
  })
})

function comment(stage: Stage, user: string, body: string): void {
  stage.sandbox.github.addComment(repository, stage.number, { user, body })
}
