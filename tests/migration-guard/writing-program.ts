import type { GithubAccess } from '../../actions/migration-guard/access.ts'
import { writeAll } from '../../actions/migration-guard/apply-writes.ts'
import { readExisting } from '../../actions/migration-guard/existing.ts'
import { readBack } from '../../actions/migration-guard/read-back.ts'
import { readPull } from '../../actions/migration-guard/read-pull.ts'
import { planWrites } from '../../actions/migration-guard/writes.ts'
import { createGithub } from '../../actions/shared/github.ts'
import { createInputReader } from '../../actions/shared/inputs.ts'
import { readRunContext } from '../../actions/shared/run-context.ts'
import { runnerWorld } from '../../actions/shared/world.ts'
import { configured, judged } from './judged.ts'

/**
 * What the guard reads and writes on GitHub, as a process of its own that can be killed. Inputs: `github-token`,
 * `team-token`, `after-review`, `errors`, and `now` in milliseconds.
 */
const world = runnerWorld('migration-guard')
const { env } = process
const reader = createInputReader(env, world.secrets)
const context = readRunContext(env)
const token = (name: string): GithubAccess['github'] =>
  createGithub({ http: world.http, clock: world.clock, ...context, token: reader.secret(name) ?? '' })

const repository = context.repository ?? ''
const access: GithubAccess = { github: token('github-token'), teams: token('team-token'), repository }
const reviewers = { users: [], teams: ['acme/dba'], approvals: 1 }
const configuration = configured({
  reviewers,
  afterReview: reader.choice('after-review', ['rerun', 'status'], 'rerun')
})
const errors = Number(reader.text('errors'))
const marker = '<!-- mark -->'
const body = `${marker}\n${errors} errors, and ${reader.text('team-token') ?? ''} in a message`
const run = {
  id: 1,
  event: context.eventName ?? '',
  workflowRef: context.workflowRef ?? '',
  url: 'https://github.com/acme/core/actions/runs/1'
}

const pull = await readPull(access, 1, configuration, Number(reader.text('now')))
world.log.info(`${pull.approval.state}, bypass ${pull.bypass.state}`)
const verdict = judged({ errors, warnings: 1, configuration, pull })
const sha = pull.headSha
const existing = await readExisting(access, { pull, marker, statusSha: sha, configuration, run })
const plan = planWrites(verdict, {
  existing,
  body: world.secrets.redact(body),
  marker,
  judged: sha,
  statusSha: sha,
  run
})
const written = await writeAll(access, plan.steps, world, ({ kind, target }) => {
  world.log.info(`${kind} ${target}`)
})
for (const remark of [...plan.remarks, ...written.remarks, ...(await readBack(access, written, world))]) {
  world.log.remark(remark)
}
world.http.close()
