import { basename } from 'node:path'
import type { PostedMessage } from '../sandbox/slack/service.ts'
import type { LoggedRequest, Sandbox } from '../sandbox/sandbox.ts'
import { assumptions } from './assumptions.ts'
import type { DatabaseContent } from './database.ts'
import type { RunFacts } from './event.ts'
import type { LentPackage } from './hex.ts'
import { oneLine, safeLines, type Mask } from './masking.ts'
import { leafJobs } from './plan.ts'
import type { Preparation } from './preparation.ts'
import type { RanJob, RunRecord } from './record.ts'
import type { TemporaryRepository } from './repository.ts'
import type { Secret } from './secrets.ts'
import { storedArtifacts } from './stand-ins/shared/artifacts.ts'
import type { Told } from './told.ts'

/** What a rehearsal showed. Every text in it is masked and safe to print. */
export interface Outcome {
  readonly verdict: 'green' | 'failed' | 'partial'
  /** A later run of the same pull request decides. */
  readonly superseded?: boolean
  /** It is one of the runs that the repository lists. */
  readonly listed: boolean
  readonly facts: RunFacts
  readonly jobs: readonly RanJob[]
  /** Jobs of the plan that never ran: their `if:` was false, or a job that they need failed. */
  readonly skipped: readonly string[]
  /** Those that hold something or were asked. */
  readonly indexes: readonly { readonly name: string; readonly projects: readonly PublishedProject[] }[]
  readonly releases: readonly PublishedRelease[]
  /** The pull request that was rehearsed, as GitHub has it now. */
  readonly pull?: RehearsedPull
  /** The database that the run's secrets lead to, as it was after the run. */
  readonly database?: DatabaseAfter
  /** What Slack was told, in plain words, masked. */
  readonly messages: readonly { readonly channel: string; readonly text: string }[]
  /** What the run stored for others to download. */
  readonly artifacts: readonly { readonly name: string; readonly files: readonly string[] }[]
  readonly presented: readonly { readonly secret: string; readonly hosts: readonly string[] }[]
  readonly blocked: readonly { readonly host: string; readonly jobs: readonly string[]; readonly requests: number }[]
  readonly notRehearsed: readonly string[]
  /** Likely mistakes that GitHub lets pass. */
  readonly warnings: readonly string[]
  /** The fault rules, and how often each struck. */
  readonly faults: readonly { readonly rule: string; readonly struck: number }[]
  /** What is not as on GitHub, and what was assumed. */
  readonly remarks: readonly string[]
  /** What act said outside any step. */
  readonly errors: readonly string[]
  readonly requests: readonly LoggedRequest[]
  /** act itself fell, not the workflow. */
  readonly crashed: boolean
}

export interface DatabaseAfter {
  /** `PostgreSQL 18.4 on 127.0.0.1:23456` */
  readonly server: string
  readonly content: DatabaseContent
}

export interface PublishedProject {
  readonly name: string
  readonly releases: readonly {
    readonly version: string
    readonly files: readonly { readonly name: string; readonly sha256: string }[]
  }[]
}

export interface PublishedRelease {
  readonly tag: string
  readonly title: string
  readonly state: string
  /** Markdown, masked. */
  readonly notes: string
  readonly assets: readonly { readonly name: string; readonly size: number }[]
}

export interface RehearsedPull {
  readonly number: number
  readonly title: string
  readonly author: string
  /** Markdown, masked. */
  readonly comments: readonly { readonly user: string; readonly body: string }[]
  /** The newest of each context on its head. */
  readonly statuses: readonly { readonly context: string; readonly state: string; readonly description: string }[]
}

/** Facts at the end of a run, as they were left by act and the sandbox. */
export interface RunEnd {
  readonly sandbox: Sandbox
  readonly facts: RunFacts
  readonly preparation: Preparation
  /** It is one of the runs that the repository lists. */
  readonly listed: boolean
  readonly repository: TemporaryRepository
  readonly secrets: readonly Secret[]
  /** Stand-ins for packages of hex.pm. */
  readonly lent: readonly LentPackage[]
  /** Configuration variables that the workflow names and nobody gave. */
  readonly variables: readonly string[]
  readonly mask: Mask
  readonly record: RunRecord
  readonly told: Told
  readonly run: { readonly exitCode: number; readonly stray: readonly string[] }
  readonly database?: DatabaseAfter
  /** What was posted to Slack. */
  readonly messages: readonly PostedMessage[]
  /** Folder with the run's artifacts. */
  readonly artifacts: string
}

/** Reads the sandbox's state and the record of the run. */
export function readOutcome(end: RunEnd): Outcome {
  const { sandbox, record, run, mask, preparation } = end
  const shown = (text: string): string => oneLine(mask.hide(text))
  const blocked = blockedHosts(sandbox.requests, shown)
  const leaves = leafJobs(preparation.plan)
  const ran = new Set(record.jobs.map((job) => job.planned))
  const skipped = leaves.filter((job) => job.notRehearsed === undefined && !ran.has(job))
  const notRehearsed = [
    ...preparation.notRehearsed,
    ...end.told.notRehearsed,
    ...blocked.map(({ host }) => `requests to ${host} were blocked`),
    ...(record.jobs.length === 0 && run.exitCode === 0 ? ['no job ran'] : [])
  ]
  const failed = run.exitCode !== 0 || record.jobs.some((job) => job.result !== 'success' && job.result !== 'skipped')
  return {
    verdict: failed ? 'failed' : notRehearsed.length > 0 ? 'partial' : 'green',
    facts: end.facts,
    listed: end.listed,
    jobs: record.jobs,
    skipped: skipped.map(({ key }) => shown(key)),
    indexes: [
      indexState('PyPI', sandbox.pypi, shown),
      indexState('TestPyPI', sandbox.testpypi, shown),
      hexState(sandbox, end.lent, shown)
    ].filter(({ service, projects }) => {
      const asked = sandbox.requests.filter((one) => one.service === service)
      // What is there from before is not what this run came to.
      return end.listed ? asked.some(({ wrote }) => wrote) : projects.length > 0 || asked.length > 0
    }),
    releases: releaseStates(sandbox, end.facts, mask),
    ...pullState(sandbox, end.facts, mask),
    ...(end.database !== undefined && { database: end.database }),
    messages: end.messages.map(({ channel, payload }) => ({
      channel: shown(channel),
      text: safeLines(mask.hide(textsOf(payload).join('\n')))
    })),
    artifacts: storedArtifacts(end.artifacts).map(({ name, files }) => ({
      name: shown(name),
      files: files.map(shown)
    })),
    presented: presentedSecrets(sandbox.requests),
    blocked,
    notRehearsed: notRehearsed.map(shown),
    warnings: [
      ...preparation.warnings,
      ...sandbox.faults.filter(({ struck }) => struck === 0).map(({ rule }) => `the fault "${rule}" never struck`)
    ].map(shown),
    faults: sandbox.faults.map(({ rule, struck }) => ({ rule: shown(rule), struck })),
    remarks: [
      ...end.repository.remarks,
      ...assumptions({ ...end, requests: sandbox.requests, ownerIsMadeUp: end.repository.ownerIsMadeUp }, leaves),
      ...end.told.remarks,
      ...databaseRemarks(end),
      ...lentRemarks(sandbox.requests, end.lent)
    ].map(shown),
    errors: [...record.errors, ...strayErrors(run.stray)].map(shown),
    requests: sandbox.requests,
    crashed: run.stray.some((line) => line.includes('fatal error: concurrent map'))
  }
}

/** `db-deploy.yml, workflow_dispatch` */
export function runName({ facts }: Pick<Outcome, 'facts'>): string {
  return `${basename(facts.workflowPath)}, ${facts.event}${facts.attempt > 1 ? `, attempt ${facts.attempt}` : ''}`
}

function indexState(name: string, index: Sandbox['pypi'], shown: (text: string) => string) {
  return {
    name,
    service: index.name,
    projects: index.projects().map((project) => ({
      name: shown(project),
      releases: index.releases(project).map(({ version, files }) => ({
        version,
        files: files.map(({ filename, sha256 }) => ({ name: shown(filename), sha256 }))
      }))
    }))
  }
}

function hexState({ hex }: Sandbox, lent: readonly LentPackage[], shown: (text: string) => string) {
  const packages = hex.state.packages.filter(({ name }) => !lent.some((one) => one.name === name))
  return {
    name: 'Hex',
    service: hex.name,
    projects: packages.map(({ name, repository }) => {
      const reference = repository === 'hexpm' ? name : { name, organization: repository }
      return {
        name: shown(repository === 'hexpm' ? name : `${repository}/${name}`),
        releases: hex.releases(reference).map(({ version, checksum, hasDocs, retirement }) => ({
          version: shown(
            [version, ...(hasDocs ? [] : ['(without documentation)']), ...(retirement ? ['(retired)'] : [])].join(' ')
          ),
          files: [{ name: shown(`${name}-${version}.tar`), sha256: checksum }]
        }))
      }
    })
  }
}

/** Every text of a message: its own, which notifications show, and those of its blocks. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
    key === 'text' && typeof one === 'string' ? [one] : textsOf(one)
  )
}

/** Where secrets lead, and that there is nothing of what a provider puts in between. */
function databaseRemarks({ database, secrets }: RunEnd): string[] {
  const names = secrets.filter(({ opens }) => opens === 'database').map(({ name }) => name)
  if (database === undefined || names.length === 0) return []
  const pooler = names.some((name) => name.includes('DIRECT'))
    ? '; there is no pooler, so all lead to the server itself'
    : ''
  return [`${names.join(', ')}: the database ${database.content.name} of a ${database.server}${pooler}`]
}

/** Which of the stand-ins somebody took. */
function lentRemarks(requests: readonly LoggedRequest[], lent: readonly LentPackage[]): string[] {
  return lent
    .filter(({ name, version }) => requests.some(({ url }) => url.endsWith(`/tarballs/${name}-${version}.tar`)))
    .map(({ name, version }) => `hex.pm cannot be reached from here: a stand-in for ${name} ${version} was taken`)
}

function releaseStates(sandbox: Sandbox, facts: RunFacts, mask: Mask): readonly PublishedRelease[] {
  return sandbox.github.releases(`${facts.owner}/${facts.name}`).map((release) => ({
    tag: oneLine(mask.hide(release.tag)),
    title: oneLine(mask.hide(release.name ?? release.tag)),
    state: [release.draft ? 'draft' : 'published', ...(release.prerelease ? ['prerelease'] : [])].join(', '),
    notes: mask.hide(release.body ?? ''),
    assets: release.assets.map(({ name, size, state }) => ({
      name: `${oneLine(mask.hide(name))}${state === 'uploaded' ? '' : ` (${state})`}`,
      size
    }))
  }))
}

function pullState({ github }: Sandbox, facts: RunFacts, mask: Mask): Pick<Outcome, 'pull'> {
  const { pull } = facts
  if (pull === undefined) return {}
  const { users, repositories } = github.state
  const login = (id: number): string => users.find((user) => user.id === id)?.login ?? 'ghost'
  const repository = repositories.find(({ ownerId, name }) => login(ownerId) === facts.owner && name === facts.name)
  const statuses = (repository?.statuses ?? []).filter(({ sha }) => sha === pull.head)
  return {
    pull: {
      number: pull.number,
      title: oneLine(mask.hide(pull.title)),
      author: oneLine(pull.author),
      comments: github
        .comments(`${facts.owner}/${facts.name}`, pull.number)
        .map(({ userId, body }) => ({ user: oneLine(login(userId)), body: mask.hide(body) })),
      statuses: [...new Map(statuses.map((status) => [status.context, status])).values()].map(
        ({ context, state, description }) => ({
          context: oneLine(mask.hide(context)),
          state,
          description: oneLine(mask.hide(description ?? ''))
        })
      )
    }
  }
}

function presentedSecrets(requests: readonly LoggedRequest[]) {
  const hosts = new Map<string, Set<string>>()
  for (const { secrets, url, service } of requests) {
    // The log hides an address that is itself the secret.
    const host = URL.canParse(url) ? hostOf(url) : (service ?? url)
    for (const secret of secrets) hosts.set(secret, (hosts.get(secret) ?? new Set()).add(host))
  }
  return [...hosts]
    .map(([secret, seen]) => ({ secret, hosts: [...seen].toSorted() }))
    .toSorted((a, b) => a.secret.localeCompare(b.secret, 'en'))
}

function blockedHosts(requests: readonly LoggedRequest[], shown: (text: string) => string) {
  const hosts = new Map<string, { jobs: Set<string>; requests: number }>()
  for (const { outcome, url, job } of requests) {
    if (outcome !== 'blocked') continue
    const entry = hosts.get(hostOf(url)) ?? { jobs: new Set<string>(), requests: 0 }
    entry.requests += 1
    if (job !== undefined) entry.jobs.add(shown(job))
    hosts.set(hostOf(url), entry)
  }
  return [...hosts].map(([host, entry]) => ({ host: shown(host), jobs: [...entry.jobs], requests: entry.requests }))
}

function strayErrors(stray: readonly string[]): string[] {
  return stray
    .filter((line) => line.trim() !== '')
    .slice(0, 20)
    .map(safeLines)
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname
  } catch {
    return url
  }
}
