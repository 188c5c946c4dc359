// Two repositories and one database: what comes from the source of truth, and what happens where it cannot be asked.
import { describe, expect, test } from '@jest/globals'
import {
  bypassLine,
  configurationFile,
  first,
  guarded,
  guardStage,
  jobToken,
  migrations,
  outcomeOf,
  repository,
  second,
  toldBy,
  type GuardStage
} from './guard-stage.ts'

const sourceToken = 'ghs_planted_token_of_the_source'
const inputs = { 'source-token': sourceToken }
const ported = `frozen:
  - paths: ${migrations}
    add: ported
source: {repository: acme/cloud, path: ${migrations}, set: subset}
reviewers: {users: [maria]}
bypass: {users: [maria]}
`
const unsafe = 'DROP TABLE orders;\n'

/** A pull request that brings a migration, whose source has `theirs` in that place. */
async function portedPull(theirs: string, configuration = ported): Promise<GuardStage> {
  const stage = await guardStage({ base: { [configurationFile]: configuration }, change: { [second]: unsafe } })
  const { github } = stage.sandbox
  github.addRepository({ owner: 'acme', name: 'cloud', private: true })
  github.commitFiles('acme/cloud', 'main', { [first]: guarded[first] ?? '', [second]: theirs })
  github.addToken({ token: sourceToken, login: 'acme-source[bot]', permissions: { contents: 'read' } })
  github.addToken({
    token: jobToken,
    login: 'github-actions[bot]',
    permissions: { contents: 'read', 'pull-requests': 'write' },
    repositories: [repository]
  })
  return stage
}

describe('a ported migration', () => {
  test('passes byte for byte, and its SQL was judged where it was written', async () => {
    const run = await (await portedPull(unsafe)).run({ inputs })
    expect(outcomeOf(run)).toMatchObject({ exitCode: 0, status: 'passed' })
    expect(run.summary).toContain('the port from acme/cloud')
    expect(run.summary).toContain('`drop-table`')
  })

  test('fails with another byte, and its SQL is judged here', async () => {
    const run = await (await portedPull('DROP TABLE  orders;\n')).run({ inputs })
    expect(run.exitCode).toBe(1)
    expect(toldBy(run)).toEqual(expect.arrayContaining(['error not-ported', 'error drop-table']))
  })
})

describe('where the source cannot be read', () => {
  test.each([
    ['with fail-on: never', `${ported}fail-on: never\n`],
    ['with a review that lets the change pass', ported]
  ])('a run fails %s: nobody knows what is in it', async (_, configuration) => {
    const stage = await portedPull(unsafe, configuration)
    stage.sandbox.github.addReview(repository, 1, { user: 'maria', state: 'COMMENTED', body: bypassLine() })
    const run = await stage.run()
    expect(run.exitCode).toBe(1)
    expect(toldBy(run).filter((each) => each.startsWith('error'))).toContain('error not-ported')
    expect(run.annotations.map(({ message }) => message).join('\n')).toContain('source-token')
  })
})

test('on another database than PostgreSQL the policy holds, and the run says that nobody looked at the SQL', async () => {
  const stage = await guardStage({
    base: { [`${migrations}/migration_lock.toml`]: 'provider = "mysql"\n', [configurationFile]: 'fail-on: error\n' },
    change: { [second]: 'DROP TABLE `orders`;\n', [first]: 'SELECT 1;\n' }
  })
  const run = await stage.run()
  expect(run.exitCode).toBe(1)
  expect(toldBy(run)).toEqual(['error edited-after-merge'])
  expect(run.summary).toContain('The policy holds all the same')
})
