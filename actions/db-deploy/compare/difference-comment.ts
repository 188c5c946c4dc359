import { readFileSync } from 'node:fs'
import { createGithub } from '../../shared/github.ts'
import type { GithubAccess } from '../../shared/github-access.ts'
import { readOwnComments, writeComment } from '../../shared/github-comment.ts'
import { fields } from '../../shared/answer-fields.ts'
import type { Step } from '../../shared/phases.ts'
import { ActionError } from '../../shared/problem.ts'
import { code, details, fenced, heading, line, link, prose, shortened, type Markdown } from '../../shared/summary.ts'
import type { World } from '../../shared/world.ts'
import { counted } from '../counted.ts'
import { impatient } from '../impatient.ts'
import type { Inputs } from '../inputs.ts'
import type { Difference, PendingMigration } from '../record.ts'
import { findingLines, shownMigration } from '../summary-migrations.ts'
import { touchedTables } from '../summary-sql.ts'

/** The one comment that a pull request gets of a comparison. */
export interface CommentPlan {
  readonly step: Step
  readonly pull: number
  readonly marker: string
  readonly body: string
  readonly ids: readonly number[]
}

/** What of the inputs says where it is written. */
export type CommentInputs = Pick<Inputs, 'comment' | 'context' | 'githubToken' | 'production' | 'shownFolder'>

/** What the comment tells. */
export interface Told {
  readonly difference: Difference
  readonly pending: readonly PendingMigration[]
  readonly shownFolder: string
}

/**
 * Where a comment is wanted: a new one when there is something to say, another text in an earlier one when it is no longer
 * true. Undefined where there is no pull request, no token, or nothing to say. What GitHub refuses is told in the log: it
 * fails no comparison.
 */
export async function planComment(
  what: 'drift' | 'diff',
  told: Told,
  inputs: CommentInputs,
  world: World
): Promise<CommentPlan | undefined> {
  const pull = pullOf(inputs)
  const access = accessOf(inputs, world)
  if (!inputs.comment || pull === undefined || access === undefined) return undefined
  const marker = markerOf(what, inputs)
  const body = world.secrets.redact(commentBody(what, told, { marker, runUrl: inputs.context.runUrl }))
  try {
    const [oldest, ...others] = await readOwnComments(access, pull, marker)
    if (oldest === undefined && told.difference.result === 'none') return undefined
    const same = oldest !== undefined && others.length === 0 && oldest.body.trim() === body.trim()
    const kind = oldest === undefined ? 'create' : same ? 'unchanged' : 'update'
    const why = { create: 'there is none yet', update: 'it says something else', unchanged: 'it says so' }[kind]
    return {
      step: { kind, target: `comment on #${pull}`, wanted: `the ${what}`, why },
      pull,
      marker,
      body,
      ids: oldest === undefined ? [] : [oldest, ...others].map(({ id }) => id)
    }
  } catch (error) {
    if (!(error instanceof ActionError) || world.cancelled.aborted) throw error
    world.log.warning(`No comment is written: ${error.message}`)
    return undefined
  }
}

/** @returns whether it was written */
export async function sendComment(inputs: CommentInputs, comment: CommentPlan, world: World): Promise<boolean> {
  const access = accessOf(inputs, world)
  if (access === undefined) return false
  try {
    await writeComment(access, { write: 'comment', ...comment }, world)
    return true
  } catch (error) {
    if (!(error instanceof ActionError) || world.cancelled.aborted) throw error
    world.log.warning(`The comment was not written: ${error.message}`)
    return false
  }
}

function accessOf({ context, githubToken }: CommentInputs, world: World): GithubAccess | undefined {
  const { repository, apiUrl, graphqlUrl } = context
  if (githubToken === undefined || repository === undefined) return undefined
  const http = impatient(world, { timeout: patience, repeats: true }, 'the comment was written')
  const github = createGithub({ http, clock: world.clock, apiUrl, graphqlUrl, token: githubToken })
  return { github, teams: undefined, repository }
}

/** Milliseconds for one try. */
const patience = 10_000

/** The number of the pull request whose event this is; a fork's token may not write (docs.github.com, GITHUB_TOKEN). */
function pullOf({ context }: CommentInputs): number | undefined {
  if (context.eventPath === undefined || context.eventName?.startsWith('pull_request') !== true) return undefined
  const pull = fields(fields(JSON.parse(readFileSync(context.eventPath, 'utf8')))['pull_request'])
  const head = fields(fields(pull['head'])['repo'])['full_name']
  const number = pull['number']
  return typeof number === 'number' && head === context.repository ? number : undefined
}

/** One for each environment and folder: a workflow may compare several. */
function markerOf(what: string, { production, shownFolder }: CommentInputs): string {
  const key = [what, production.environment, shownFolder]
    .join(' ')
    .replaceAll(/[^\w. /-]/g, '_')
    .replaceAll('--', '__')
  return `<!-- release-actions:db-deploy ${key} -->`
}

/** The most that GitHub takes is 65,536 characters. */
const longestText = 20_000
const longestComment = 60_000

function commentBody(
  what: 'drift' | 'diff',
  told: Told,
  { marker, runUrl }: { readonly marker: string; readonly runUrl: string | undefined }
): string {
  const { difference, pending, shownFolder } = told
  const { result, text, findings, tables, why, notCompared = [] } = difference
  const folded = /^[-+] /.test(text) ? 'diff' : 'sql'
  const blocks: readonly Markdown[] = [
    { markdown: marker },
    heading(3, headline(what, told)),
    ...(shownFolder === '.' ? [] : [line('Project ', code(shownFolder))]),
    ...(pending.length === 0 ? [] : [pendingNames(pending)]),
    ...(why === undefined ? [] : [line(prose(shortened(why, 1_000)))]),
    ...(tables.length === 0 ? [] : [touchedTables(tables)]),
    ...(findings.length === 0 ? [] : [findingLines(findings.slice(0, 30))]),
    ...(what === 'diff' && result === 'found' && findings.length === 0
      ? [line('The linter finds nothing in it.')]
      : []),
    ...(text === '' ? [] : [details('What differs', fenced(folded, shortened(text, longestText)))]),
    ...(notCompared.length === 0 ? [] : [line('Not compared: ', prose(shortened(notCompared.join(' '), 1_000)))]),
    ...(runUrl === undefined ? [] : [line(link('The run and its summary', runUrl))])
  ]
  const body = blocks.map(({ markdown }) => markdown).join('\n\n')
  if (body.length <= longestComment) return body
  return [...blocks.slice(0, 2), ...blocks.slice(-1)].map(({ markdown }) => markdown).join('\n\n')
}

/** `2 pending migrations: …`, by the names of their files. */
function pendingNames(pending: readonly PendingMigration[]): Markdown {
  const names = pending.slice(0, mostNames).map(({ name, path }) => code(shownMigration(name, path)))
  const left = pending.length - names.length
  return line(
    `${counted(pending.length, 'pending migration')}: `,
    ...names.flatMap((name, n) => (n === 0 ? [name] : [', ', name])),
    left === 0 ? '' : ` and ${left} more`
  )
}

const mostNames = 20

const icons: Readonly<Record<Difference['result'], string>> = { none: '✅', found: '⚠️', 'not checked': '❔' }

function headline(what: 'drift' | 'diff', { difference: { result, partial }, pending }: Told): string {
  if (result === 'none' && what === 'diff' && pending.length === 0) return `${icons.none} Nothing is pending`
  if (result === 'none' && partial === true)
    return `${icons.found} ${headlines[what].none}, as far as Prisma’s diff sees`
  return `${icons[result]} ${headlines[what][result]}`
}

const headlines: Readonly<Record<'drift' | 'diff', Readonly<Record<Difference['result'], string>>>> = {
  drift: {
    none: 'The database is what its migrations make',
    found: 'The database is not what its migrations make',
    'not checked': 'Whether the database has drifted was not checked'
  },
  diff: {
    none: 'What is pending changes nothing in the schema',
    found: 'What is pending changes the schema',
    'not checked': 'What is pending was not compared'
  }
}
