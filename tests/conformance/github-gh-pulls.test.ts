// needs: gh
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'

const repository = 'acme/lib'

describe('gh, asked about a pull request', () => {
  let sandbox: Sandbox
  let folder: string
  let head: string
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gh-'))
    sandbox = await startSandbox()
    const { github } = sandbox
    github.addRepository({ owner: 'acme', name: 'lib' })
    github.addToken({
      token: 'ghp_owner',
      login: 'acme',
      permissions: { contents: 'write', 'pull-requests': 'write', actions: 'write', statuses: 'write' }
    })
    github.commitFiles(repository, 'main', { 'one.sql': 'select 1;\nselect 2;\n' })
    head = github.commitFiles(
      repository,
      'topic',
      { 'one.sql': 'select 1;\n', 'two.sql': 'select 3;\n' },
      { by: 'ada' }
    )
    github.addPullRequest(repository, {
      title: 'Three',
      body: 'Why it is needed.',
      author: 'ada',
      head: { ref: 'topic' },
      base: { ref: 'main' },
      labels: ['database']
    })
  })
  afterEach(async () => {
    await sandbox.close()
    rmSync(folder, { recursive: true })
  })

  const gh = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const child = spawn('gh', [...args, '-R', repository], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        ...sandbox.environment({ job: 'guard' }),
        GH_TOKEN: 'ghp_owner',
        GH_NO_UPDATE_NOTIFIER: '1',
        GH_PROMPT_DISABLED: '1',
        NO_COLOR: '1'
      }
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    return { code, stdout, stderr }
  }

  test('lists it, and no more once it is closed', async () => {
    expect((await gh('pr', 'list')).stdout).toMatch(/^1\tThree\ttopic\tOPEN\t/)
    sandbox.github.closePull(repository, 1, 'ada')
    expect((await gh('pr', 'list')).stdout).toBe('')
    expect((await gh('pr', 'list', '--state', 'closed')).stdout).toContain('\tCLOSED\t')
  })

  test('shows who wrote it, what it changes and who reviewed it', async () => {
    sandbox.github.addReview(repository, 1, { user: 'bob', state: 'APPROVED', body: 'Yes.' })
    const text = await gh('pr', 'view', '1')
    expect(text).toMatchObject({ code: 0, stderr: '' })
    expect(text.stdout).toMatch(
      /author:\tada[\s\S]*labels:\tdatabase[\s\S]*reviewers:\tbob \(Approved\)[\s\S]*Why it is needed\./
    )
    const fields = 'number,state,mergeable,files,reviews,commits,headRefOid,labels'
    expect(JSON.parse((await gh('pr', 'view', '1', '--json', fields)).stdout)).toMatchObject({
      number: 1,
      state: 'OPEN',
      mergeable: 'MERGEABLE',
      headRefOid: head,
      labels: [{ name: 'database' }],
      commits: [{ oid: head, messageHeadline: 'Change files' }],
      reviews: [{ author: { login: 'bob' }, state: 'APPROVED', body: 'Yes.' }],
      files: [
        { path: 'one.sql', additions: 0, deletions: 1 },
        { path: 'two.sql', additions: 1, deletions: 0 }
      ]
    })
  })

  test('prints its difference as git does', async () => {
    const { stdout } = await gh('pr', 'diff', '1')
    expect(stdout).toContain('diff --git a/one.sql b/one.sql\n')
    expect(stdout).toContain('--- a/one.sql\n+++ b/one.sql\n@@ -1,2 +1 @@\n select 1;\n-select 2;\n')
    expect(stdout).toContain('new file mode 100644\n')
  })

  test('tells its checks, and runs a failed one again', async () => {
    const run = sandbox.github.addWorkflowRun(repository, {
      workflow: '.github/workflows/guard.yml',
      name: 'Guard',
      event: 'pull_request',
      headSha: head,
      headBranch: 'topic',
      pulls: [1]
    })
    expect((await gh('pr', 'checks', '1')).stdout).toMatch(/^guard\tfail\t/)
    expect(await gh('run', 'rerun', String(run), '--failed')).toMatchObject({ code: 0 })
    expect((await gh('pr', 'checks', '1')).stdout).toMatch(/^guard\tpending\t/)
    const again = await gh('run', 'rerun', String(run), '--failed')
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('cannot be rerun')])
    sandbox.github.setWorkflowRun(repository, run, { status: 'completed', conclusion: 'success' })
    expect((await gh('pr', 'checks', '1')).stdout).toMatch(/^guard\tpass\t/)
  })
})
