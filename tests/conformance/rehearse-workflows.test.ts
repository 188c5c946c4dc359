// needs: act
// What the rehearsal promises about workflows, on workflows that act runs.
import { describe, expect, test } from '@jest/globals'
import { exitCodes } from '../../rehearse/closing.ts'
import { rehearseWorkflow, summaries } from '../rehearse/rehearse-folder.ts'

const header = 'name: Release\non: {push: {tags: ["v*"]}, workflow_dispatch: {inputs: {word: {default: none}}}}\n'

/** A step that writes what it prints into the job summary. */
const tell = (command: string): string => `{shell: bash, run: '(${command}) >> "$GITHUB_STEP_SUMMARY" 2>&1'}`

describe('the permissions of a job', () => {
  test('are enforced: no contents: write, no release; no id-token: write, no identity', async () => {
    const create =
      'curl -sS -X POST -H "Authorization: Bearer $TOKEN" https://api.github.com/repos/octo-org/$NAME/releases'
    const job = (id: string, permissions: string): string => `
  ${id}:
    runs-on: ubuntu-latest
    permissions: ${permissions}
    env: {TOKEN: "\${{ github.token }}", NAME: "\${{ github.event.repository.name }}"}
    steps:
      - ${tell(`${create} -d "{\\"tag_name\\":\\"v1.0.0\\",\\"name\\":\\"${id}\\"}"; echo " identity=\${ACTIONS_ID_TOKEN_REQUEST_URL:-none}"`)}`
    const rehearsed = await rehearseWorkflow(
      `${header}jobs:${job('reader', '{contents: read}')}${job('writer', '{contents: write, id-token: write}')}`
    )
    const { outcome } = rehearsed
    const text = summaries(rehearsed)
    expect(text).toContain('Resource not accessible by integration')
    expect(text).toContain('identity=none')
    expect(outcome.releases.map(({ title }) => title)).toEqual(['writer'])
    expect(text).toContain('identity=https://pipelines.actions.githubusercontent.com/')
    expect(outcome.requests.filter(({ job: name, status }) => name === 'reader' && status === 403)).toHaveLength(1)
  })

  test('are assumed to be the restricted ones when nothing is said, and that is told', async () => {
    const { outcome } = await rehearseWorkflow(`${header}jobs: {a: {runs-on: x, steps: [{run: 'true'}]}}`)
    expect(outcome.remarks).toContain(
      'no permissions are set for a; read access to contents and packages was assumed, the restricted default'
    )
    expect(outcome.verdict).toBe('green')
  })
})

describe('the identity of a job', () => {
  test('carries ref, workflow, the calling and the called one, and an environment that is an expression', async () => {
    const ask =
      'curl -sS -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=pypi" | ' +
      'cut -d. -f2 | tr -- -_ +/ | base64 -d 2>/dev/null'
    const called = `
on: {workflow_call: {inputs: {where: {type: string}}}}
jobs:
  inner:
    runs-on: ubuntu-latest
    environment: \${{ inputs.where }}
    steps: [${tell(ask)}]`
    const rehearsed = await rehearseWorkflow(
      `${header}
jobs:
  publish:
    permissions: {id-token: write}
    uses: ./.github/workflows/called.yaml
    with: {where: "\${{ github.ref_name == 'v1.0.0' && 'pypi' || 'testpypi' }}"}`,
      { '.github/workflows/called.yaml': called }
    )
    const claims = /\{.*/.exec(summaries(rehearsed))?.[0] ?? ''
    for (const part of [
      '"environment":"pypi"',
      ':environment:pypi"',
      '"ref":"refs/tags/v1.0.0"',
      '/.github/workflows/release.yml@refs/tags/v1.0.0"',
      '/.github/workflows/called.yaml@refs/tags/v1.0.0"',
      '"aud":"pypi"'
    ]) {
      expect(claims).toContain(part)
    }
    expect(rehearsed.outcome.jobs.map(({ name }) => name)).toEqual(['publish / inner'])
  })
})

describe('labels and actions', () => {
  test('every label runs here, and jobs for other systems are told', async () => {
    const { outcome } = await rehearseWorkflow(`${header}
jobs:
  cells:
    runs-on: \${{ matrix.os }}
    strategy: {matrix: {os: [ubuntu-24.04-arm, windows-11, macos-15], include: [{os: [self-hosted, gpu]}]}}
    steps: [{run: 'true'}]
  dynamic: {runs-on: "\${{ github.event.inputs.x || 'sparc' }}", steps: [{run: 'true'}]}
  group: {runs-on: {group: large, labels: [big]}, steps: [{run: 'true'}]}`)
    expect(outcome.jobs).toHaveLength(6)
    expect(outcome.jobs.every(({ result }) => result === 'success')).toBe(true)
    const others = outcome.jobs.flatMap(({ insteadOf }) => (insteadOf === undefined ? [] : [insteadOf]))
    const all = ['Linux', 'Linux', 'Linux', 'Linux', 'Windows', 'macOS']
    const here = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }[process.platform as 'linux' | 'darwin' | 'win32']
    expect(others.toSorted()).toEqual(all.filter((system) => system !== here))
  })

  test('a third-party action, a container and a service are told as not rehearsed, and the exit code is 3', async () => {
    const rehearsed = await rehearseWorkflow(
      `${header}
jobs:
  uses:
    runs-on: ubuntu-latest
    services: {db: {image: redis}}
    steps:
      - {id: third, uses: some/thing/sub@v3, with: {x: y}}
      - {uses: 'docker://alpine:3', with: {args: ls}}
      - {uses: ./tools/composite}
      - ${tell('echo "output=<${{ steps.third.outputs.any }}>"')}
  boxed: {runs-on: ubuntu-latest, container: 'node:24', steps: [{run: 'false'}]}
  after: {runs-on: ubuntu-latest, needs: boxed, steps: [{run: 'false'}]}`,
      { 'tools/composite/action.yml': 'runs: {using: composite, steps: [{uses: other/thing@v1}]}' }
    )
    const { outcome } = rehearsed
    expect(exitCodes[outcome.verdict]).toBe(outcome.jobs.some(({ result }) => result === 'failure') ? 1 : 3)
    expect(outcome.notRehearsed).toEqual(
      expect.arrayContaining([
        'job boxed: it runs in the container node:24, and there is no Docker here',
        'job after: it needs boxed, which was not rehearsed',
        'job uses: its service db was not started, there is no Docker here',
        'docker://alpine:3: there is no Docker here',
        'some/thing@v3 did nothing, and its outputs are empty'
      ])
    )
    expect(outcome.jobs.map(({ name }) => name)).toEqual(['uses'])
  })

  test('a supplied action runs, and what it uses is mapped too', async () => {
    const rehearsed = await rehearseWorkflow(
      `${header}jobs: {a: {runs-on: x, steps: [{id: s, uses: some/thing@v3, with: {who: me}}, ${tell('echo "said=${{ steps.s.outputs.said }}"')}]}}`,
      {
        'supplied/action.yml': `
inputs: {who: {default: nobody}}
outputs: {said: {value: "\${{ steps.one.outputs.said }}"}}
runs:
  using: composite
  steps:
    - {uses: actions/setup-node@v4}
    - {id: one, shell: bash, run: 'echo "said=hello \${{ inputs.who }}" >> "$GITHUB_OUTPUT"'}`
      },
      ['--action', 'some/thing@v3=FOLDER/supplied']
    )
    expect(summaries(rehearsed)).toContain('said=hello me')
    expect(rehearsed.outcome.verdict).toBe('green')
  })
})

describe('checkout', () => {
  const files = { 'file.txt': 'text' }

  test('is as shallow as on GitHub, and the workspace is empty without it', async () => {
    const rehearsed = await rehearseWorkflow(
      `${header}
jobs:
  without: {runs-on: x, steps: [${tell('echo "files=$(ls -A | wc -l)"')}]}
  shallow:
    runs-on: x
    steps: [{uses: actions/checkout@v4}, ${tell('cat file.txt; echo " shallow=$(git rev-parse --is-shallow-repository) tags=$(git tag | wc -l) head=$(git rev-parse HEAD)=${{ github.sha }}"; git remote get-url origin')}]
  deep:
    runs-on: x
    steps: [{uses: actions/checkout@v4, with: {fetch-depth: 0, path: sub}}, ${tell('cd sub && echo "deep=$(git rev-parse --is-shallow-repository) described=$(git describe --tags)"')}]`,
      files
    )
    const text = summaries(rehearsed)
    expect(text).toMatch(/files=\s*0\n/)
    expect(text).toMatch(/text shallow=true tags=\s*1 head=(\w+)=\1\n/)
    expect(text).toMatch(/https:\/\/github\.com\/octo-org\/release-actions-consumer-\w+\n/)
    expect(text).toContain('deep=false described=v1.0.0')
    expect(rehearsed.outcome.verdict).toBe('green')
  })

  test('has the workflow as the consumer wrote it, and a clean tree; what is pushed stays in the copy', async () => {
    const rehearsed = await rehearseWorkflow(
      `${header}
jobs:
  a:
    runs-on: x
    steps:
      - {uses: actions/checkout@v4, with: {ref: main, fetch-depth: 0}}
      - ${tell('git status --porcelain; grep -c "127[.]0[.]0" .github/workflows/release.yml || true; git config user.name x; git config user.email x@x; git commit -q --allow-empty -m next; git push -q origin HEAD:main; git ls-remote origin refs/heads/main | cut -c1-40; git rev-parse HEAD')}`
    )
    expect(summaries(rehearsed)).toMatch(/^\s*0\n([0-9a-f]{40})\n\1\n/)
    expect(rehearsed.outcome.blocked).toEqual([])
  })
})

describe('the event', () => {
  test('of a manual start has the inputs, typed', async () => {
    const rehearsed = await rehearseWorkflow(
      `on: {workflow_dispatch: {inputs: {dry-run: {type: boolean, default: true}, word: {required: true}}}}
jobs: {a: {runs-on: x, steps: [${tell('echo "${{ inputs.dry-run && inputs.word }} ${{ github.event_name }} ${{ github.event.inputs.dry-run }} ${{ github.ref }} ${{ github.workflow }}"')}]}}`,
      {},
      ['--event', 'workflow_dispatch', '--input', 'word=go']
    )
    expect(summaries(rehearsed)).toContain('go workflow_dispatch true refs/tags/v1.0.0 .github/workflows/release.yml')
  })

  test('of a pull request has a merge ref', async () => {
    const rehearsed = await rehearseWorkflow(
      `on: pull_request\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v4}, ${tell('echo "${{ github.ref }} ${{ github.base_ref }} ${{ github.event.number }}"')}]}}`,
      {},
      ['--event', 'pull_request']
    )
    expect(summaries(rehearsed)).toContain('refs/pull/1/merge main 1')
    expect(rehearsed.outcome.verdict).toBe('green')
  })
})

describe('what goes wrong', () => {
  test('a failing step fails the rehearsal, with the end of its output', async () => {
    // act may lose what a step says in the moment in which it fails (docs/rehearse.md), hence the pause.
    const { outcome, said } = await rehearseWorkflow(
      `${header}jobs: {a: {runs-on: x, steps: [{run: 'echo because of this; sleep 1; exit 4'}]}, b: {needs: a, runs-on: x, steps: [{run: 'true'}]}}`
    )
    expect(exitCodes[outcome.verdict]).toBe(1)
    expect(said).toContain('│ because of this')
    expect(said).toMatch(/^Rehearsing the push of v1\.0\.0 of .*, with the working tree of \//)
    expect(outcome.skipped).toEqual(['b'])
  })

  test('a host that is not the sandbox’s is refused and listed', async () => {
    const { outcome } = await rehearseWorkflow(
      `${header}jobs: {a: {runs-on: x, steps: [{run: 'curl -sS https://example.com/ || true'}]}}`
    )
    expect(outcome.blocked).toEqual([{ host: 'example.com', jobs: ['a'], requests: 1 }])
    expect(exitCodes[outcome.verdict]).toBe(3)
  })

  test('a fault strikes', async () => {
    const rehearsed = await rehearseWorkflow(
      `${header}jobs: {a: {runs-on: x, steps: [${tell('for i in 1 2; do curl -s -o /dev/null -w "%{http_code} " https://api.github.com/rate_limit; done')}]}}`,
      {},
      ['--fault', 'GET api.github.com/rate_limit 503', '--fault', 'POST pypi 503']
    )
    expect(summaries(rehearsed)).toContain('503 200')
    expect(rehearsed.outcome.faults.map(({ struck }) => struck)).toEqual([1, 0])
    expect(rehearsed.outcome.warnings).toEqual(['the fault "POST pypi 503" never struck'])
  })

  test('a workflow that act refuses fails with its words', async () => {
    const { outcome } = await rehearseWorkflow(
      `${header}jobs: {a: {runs-on: x, steps: [{run: 'true', unknown-key: 1}]}}`
    )
    expect(outcome.verdict).toBe('failed')
    expect(outcome.errors.join('\n')).toMatch(/unknown-key|not valid/i)
  })
})
