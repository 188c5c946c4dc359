// needs: act
// Pull requests that a repository describes, with the reviews that come and the runs that they ask for.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { exitCodeOf } from '../../rehearse/closing.ts'
import { folderOf, rehearseWith, type Rehearsed } from '../rehearse/rehearse-folder.ts'

/** Green once a review approves; on a review, asks for the failed run of the pull request once more. */
const workflow = `name: guard
on:
  pull_request:
  pull_request_review:
permissions: {contents: read, actions: write, pull-requests: write}
jobs:
  guard:
    runs-on: ubuntu-latest
    env: {GH_TOKEN: "\${{ github.token }}"}
    steps:
      - uses: actions/checkout@v6
        with: {fetch-depth: 0}
      - shell: bash
        run: |
          test -f b.txt
          api=https://api.github.com/repos/$GITHUB_REPOSITORY
          ask() { curl -sSf -H "Authorization: Bearer $GH_TOKEN" "$@"; }
          number=$(node -p 'require(process.env.GITHUB_EVENT_PATH).pull_request.number')
          echo "$GITHUB_EVENT_NAME $GITHUB_ACTOR attempt $GITHUB_RUN_ATTEMPT, run $GITHUB_RUN_ID" >> $GITHUB_STEP_SUMMARY
          ask $api/pulls/$number/reviews | grep -q '"APPROVED"' || exit 1
          [ $GITHUB_EVENT_NAME = pull_request_review ] || exit 0
          run=$(ask "$api/actions/runs?event=pull_request" | node -p 'JSON.parse(require("fs").readFileSync(0)).workflow_runs[0].id')
          ask -X POST $api/actions/runs/$run/rerun-failed-jobs
          ask -X POST $api/issues/$number/comments -d '{"body":"Approved **now**"}' > comment.json || echo "no comment" >> $GITHUB_STEP_SUMMARY
`
const patch = 'diff --git a/b.txt b/b.txt\nnew file mode 100644\n--- /dev/null\n+++ b/b.txt\n@@ -0,0 +1 @@\n+b\n'

function rehearsed(reviews: string, more = '', text = workflow): Promise<Rehearsed> {
  const folder = folderOf({
    'a.txt': 'a\n',
    '.github/workflows/guard.yml': text,
    '.github/b.patch': patch,
    '.github/rehearsal.yml': `pulls: {adds-b: {title: Add b, author: dora, patch: .github/b.patch, ${more}reviews: [${reviews}]}}\n`
  })
  return rehearseWith(['--repo', folder, '--pull', 'adds-b'])
}

function runs({ outcomes }: Rehearsed): readonly string[] {
  return outcomes.map(({ facts, verdict }) => `${facts.event} ${facts.attempt} by ${facts.actor}: ${verdict}`)
}

describe('a pull request', () => {
  test('is run again when a review made the workflow ask for it, and the last run decides', async () => {
    const told = await rehearsed('{user: maria, state: approved}')
    expect(runs(told)).toEqual([
      'pull_request 1 by dora: failed',
      'pull_request_review 1 by maria: green',
      'pull_request 2 by dora: green'
    ])
    expect(exitCodeOf(told.outcomes)).toBe(0)
    const [first, , again] = told.outcomes
    expect(again?.facts.runId).toBe(first?.facts.runId)
    expect(told.said).toContain('A review by maria arrives: approved')
    expect(told.outcome.pull).toMatchObject({
      number: 1,
      author: 'dora',
      comments: [{ user: 'github-actions[bot]', body: 'Approved **now**' }]
    })
    expect(readFileSync(told.report.page, 'utf8')).toContain('Approved <strong>now</strong>')
  })

  test('stays red where the review does not help', async () => {
    const told = await rehearsed('{user: maria, state: commented, body: hm}')
    expect(runs(told)).toEqual(['pull_request 1 by dora: failed', 'pull_request_review 1 by maria: failed'])
    expect(exitCodeOf(told.outcomes)).toBe(1)
  })

  test('stays red where the review helps, but nothing runs the failed run again', async () => {
    const told = await rehearsed(
      '{user: maria, state: approved}',
      '',
      workflow.replace('ask -X POST $api/actions', '#')
    )
    expect(runs(told)).toEqual(['pull_request 1 by dora: failed', 'pull_request_review 1 by maria: green'])
    expect(exitCodeOf(told.outcomes)).toBe(1)
  })

  test('is judged without its reviews where the workflow does not listen to them, and that is told', async () => {
    const told = await rehearsed('{user: maria, state: approved}', '', workflow.replace('  pull_request_review:\n', ''))
    expect(runs(told)).toEqual(['pull_request 1 by dora: failed'])
    expect(told.said).toContain('.github/workflows/guard.yml does not listen to pull_request_review')
  })

  test('of a fork has a token that reads only, and no secrets', async () => {
    const asks = workflow.replace('test -f b.txt', 'test -f b.txt && test -z "${{ secrets.SOME_TOKEN }}"')
    const told = await rehearsed('{user: maria, state: approved}', 'fork: true, ', asks)
    expect(runs(told)).toEqual(['pull_request 1 by dora: failed', 'pull_request_review 1 by maria: failed'])
    expect(told.outcomes.flatMap(({ requests }) => requests.map(({ url }) => url)).join(' ')).toContain('/reviews')
    expect(told.outcomes.at(-1)?.requests.filter(({ method }) => method === 'POST')).toMatchObject([{ status: 403 }])
  })
})
