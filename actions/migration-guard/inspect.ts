import { createGithub } from '../shared/github.ts'
import { lintRules } from '../shared/migrations/lint.ts'
import { ActionError } from '../shared/problem.ts'
import type { World } from '../shared/world.ts'
import type { GithubAccess } from '../shared/github-access.ts'
import {
  comparison,
  ectoFactsOf,
  loadParsers,
  modulesOf,
  parseChanged,
  type ParsedFolder,
  type Parsers
} from './changed-migrations.ts'
import { readChangedConfiguration } from './changed-configuration.ts'
import type { Change } from './change.ts'
import { commentBody, commentMarker } from './comment-body.ts'
import type { Configuration } from './configuration.ts'
import { readConfiguration } from './configuration-file.ts'
import { readExisting } from './existing.ts'
import type { Inputs } from './inputs.ts'
import { judge } from './judge.ts'
import type { SourceListing } from './listing.ts'
import { lintChange } from './lint-change.ts'
import { checkMixGuard } from './mix-guard.ts'
import { readPackage } from './package-listing.ts'
import { checkPolicy } from './policy/check-policy.ts'
import { readEdits, readLineEndings } from './policy/contents-facts.ts'
import type { PolicyFacts } from './policy/facts.ts'
import { readFolderFacts } from './policy/folder-facts.ts'
import { proveHexDependencies } from './policy/hex-dependencies.ts'
import { migrationChanges } from './policy/migration-changes.ts'
import { policyRules } from './policy/rules.ts'
import { readChange } from './read-change.ts'
import { readOtherPulls } from './other-pulls.ts'
import { readReviewState, type ReviewState } from './review-state.ts'
import { readSource } from './source-listing.ts'
import { tighten } from './tighten.ts'
import type { Verdict } from './verdict.ts'
import type { RuleTitles } from './sarif.ts'
import { writeVerdictFiles, type VerdictFiles } from './verdict-files.ts'
import type { CurrentRun } from './workflow-run.ts'
import { planWrites, type WritePlan } from './writes.ts'

export interface Facts {
  readonly verdict: Verdict
  readonly files: VerdictFiles
  readonly writes: WritePlan
  /** Undefined where nothing can be written: without a token, and in a local run. */
  readonly access: GithubAccess | undefined
}

/** Finds out what changed and what is demanded, and judges it. Writes to the job's own disk only. */
export async function inspect(inputs: Inputs, world: World): Promise<Facts> {
  const { verdict, change, access } = await judgeChange(inputs, world)
  const files = await writeVerdictFiles(verdict, {
    temp: inputs.context.temp,
    sarif: inputs.sarif,
    redact: (text) => world.secrets.redact(text),
    titles: ruleTitles
  })
  return { verdict, files, writes: await plannedWrites(verdict, change, access, inputs, world), access }
}

/** What each rule is about, for SARIF. */
export const ruleTitles: RuleTitles = new Map([...policyRules, ...lintRules].map(({ id, title }) => [id, title]))

/** The verdict alone: nothing is written anywhere. */
export async function judgeChange(
  inputs: Inputs,
  world: World
): Promise<{ readonly verdict: Verdict; readonly change: Change; readonly access: GithubAccess | undefined }> {
  const access = githubAccess(inputs, world)
  const change = await readChange(
    {
      folder: inputs.folder,
      environment: inputs.environment,
      base: inputs.base,
      github: access?.github,
      run: inputs.run
    },
    world
  )
  for (const note of change.notes ?? []) world.log.notice(note)
  const configuration = await demandedBy(change, inputs, world)
  const review = await readReviewState(change, configuration, access, inputs, world)
  return { verdict: await judged({ inputs, world, access, change, configuration, review }), change, access }
}

function githubAccess({ tokens, context, run }: Inputs, { http, clock }: World): GithubAccess | undefined {
  const { repository, apiUrl, graphqlUrl } = context
  if (run.kind === 'local' || tokens.github === undefined || repository === undefined) return undefined
  const github = (token: string): GithubAccess['github'] => createGithub({ http, clock, apiUrl, graphqlUrl, token })
  return {
    github: github(tokens.github),
    teams: tokens.team === undefined ? undefined : github(tokens.team),
    repository
  }
}

/** What the base demands, and the inputs beyond it. */
async function demandedBy(change: Change, inputs: Inputs, world: World): Promise<Configuration> {
  const read = await readConfiguration(change.target, inputs.config, knownRules(), runningWorkflow(inputs))
  if ('problems' in read) throw new ActionError(read.problems)
  const { configuration, notes } = tighten(read.configuration, inputs.demands)
  for (const note of [...read.notes, ...notes]) world.log.warning(note)
  return configuration
}

function knownRules(): ReadonlySet<string> {
  return new Set(ruleTitles.keys())
}

/** `acme/core/.github/workflows/guard.yml@refs/heads/main` of this repository, without what stands around the path. */
function runningWorkflow({ context: { repository, workflowRef } }: Inputs): string | undefined {
  const prefix = `${repository}/`
  return workflowRef?.toLowerCase().startsWith(prefix.toLowerCase()) === true
    ? workflowRef.slice(prefix.length).replace(/@.*$/s, '')
    : undefined
}

/** What is known by the time the judging begins. */
interface Known {
  readonly inputs: Inputs
  readonly world: World
  readonly access: GithubAccess | undefined
  readonly change: Change
  readonly configuration: Configuration
  readonly review: ReviewState
}

async function judged(known: Known): Promise<Verdict> {
  const { change, configuration, review, inputs } = known
  const asked = await policyQuestions(known)
  const changes = migrationChanges(asked)
  const mixExs = configuration.mixGuard === 'required'
  const parsers = await loadParsers(changes, mixExs)
  const folders = await parseChanged(changes, change.head, parsers)
  const { modules, notChecked } = await modulesOf(folders, change.head, change.source, parsers)
  const policy = checkPolicy(await policyFacts({ ...asked, modules }, folders, parsers, known))
  const lint = await lintChange(folders, change.head, configuration, asked.source)
  return judge({
    change,
    configuration,
    pull: review.pull,
    approval: review.approval,
    bypass: review.bypass,
    migrations: changes.reduce((sum, { added, kept, deleted }) => sum + added.length + kept.length + deleted.length, 0),
    policy,
    lint,
    notChecked: [...review.notChecked, ...asked.notChecked, ...notChecked],
    allowedHere: change.kind === 'local' && isAllowed(inputs.environment)
  })
}

/** A developer's own machine is none that runs workflows, also where a workflow calls the command. */
function isAllowed(environment: NodeJS.ProcessEnv): boolean {
  return environment['ALLOW_CORE_MIGRATION'] === 'true' && environment['GITHUB_ACTIONS'] !== 'true'
}

/** What the policy asks, before contents are read: the listings alone say which contents matter. */
interface Questions extends PolicyFacts {
  readonly source: SourceListing | undefined
  readonly notChecked: readonly string[]
}

async function policyQuestions({ change, configuration, review, access, inputs, world }: Known): Promise<Questions> {
  const { http, clock } = world
  const [folders, source, packaged, hexProofs, changedConfiguration] = await Promise.all([
    readFolderFacts(change, configuration.migrations),
    configuration.source === undefined
      ? undefined
      : readSource(configuration.source, change, inputs, world, review.pull?.fromFork),
    configuration.package === undefined ? undefined : readPackage(configuration.package, change, inputs, world),
    proveHexDependencies(change.head, configuration, { checkout: inputs.folder, now: clock.now(), http }),
    readChangedConfiguration(change, {
      holds: configuration.file,
      asked: inputs.config,
      knownRules: knownRules(),
      running: runningWorkflow(inputs)
    })
  ])
  const facts: Omit<Questions, 'notChecked'> = {
    configuration,
    change,
    folders,
    edits: new Map(),
    ecto: new Map(),
    modules: new Map(),
    lineEndings: new Map(),
    source,
    package: packaged,
    approval: review.approval,
    sharedHeads: review.sharedHeads ?? [],
    changedConfiguration,
    otherPulls: undefined,
    hexProofs,
    mixGuard: [],
    server: inputs.context.serverUrl,
    now: clock.now()
  }
  const others = await otherPulls(facts, review, access)
  return { ...facts, ...others }
}

/** Only for a change that adds migrations: each pull request costs a request. */
async function otherPulls(
  facts: PolicyFacts,
  { branch }: ReviewState,
  access: GithubAccess | undefined
): Promise<Pick<Questions, 'otherPulls' | 'notChecked'>> {
  const changes = migrationChanges(facts)
  if (branch === undefined || !changes.some(({ added }) => added.length > 0)) {
    return { otherPulls: undefined, notChecked: [] }
  }
  if (access === undefined) {
    return {
      otherPulls: {
        notAvailable: 'There is no token to ask GitHub with.',
        next: 'Leave `github-token` out, so that the job’s own is used.'
      },
      notChecked: []
    }
  }
  const { pulls, notChecked } = await readOtherPulls(access, {
    own: facts.change.pulls,
    branch,
    wanted: (path) => changes.some(({ folder }) => folder.path === '.' || path.startsWith(`${folder.path}/`))
  })
  return { otherPulls: pulls, notChecked }
}

/** The same facts with what contents say. */
async function policyFacts(
  asked: PolicyFacts,
  folders: readonly ParsedFolder[],
  parsers: Parsers,
  { change, configuration, inputs }: Known
): Promise<PolicyFacts> {
  return {
    ...asked,
    edits: await readEdits(asked, comparison(parsers)),
    lineEndings: await readLineEndings(asked),
    ecto: ectoFactsOf(folders),
    mixGuard: await mixGuardFindings(change, configuration, isReviewed(asked), inputs, parsers)
  }
}

/** A push and a local run know no reviews: what needed one is not for them to say. */
function isReviewed({ approval }: PolicyFacts): boolean {
  return approval === undefined || approval.state === 'approved'
}

async function mixGuardFindings(
  { target, head }: Change,
  { mixGuard, mixProjects }: Configuration,
  reviewed: boolean,
  { context }: Inputs,
  { elixir }: Parsers
): Promise<PolicyFacts['mixGuard']> {
  if (mixGuard === 'off' || elixir === undefined) return []
  const findings = await Promise.all(
    mixProjects.map(async (project) => {
      const file = project === '.' ? 'mix.exs' : `${project}/mix.exs`
      const [before, text] = await Promise.all(
        [target, head].map(async (tree) =>
          tree.files.has(file) ? (await tree.read(file)).toString('utf8') : undefined
        )
      )
      return checkMixGuard({ file, text, before }, context.repository, elixir, reviewed)
    })
  )
  return findings.flat()
}

async function plannedWrites(
  verdict: Verdict,
  change: Change,
  access: GithubAccess | undefined,
  { context }: Inputs,
  world: World
): Promise<WritePlan> {
  if (access === undefined) return { steps: [], remarks: [] }
  const run = currentRun(context)
  const statusSha = change.head.commit
  const { configuration, pull } = verdict
  const existing = await readExisting(access, { pull, marker: commentMarker, statusSha, configuration, run })
  const body = world.secrets.redact(commentBody(verdict, { runUrl: context.runUrl }))
  return planWrites(verdict, { existing, body, marker: commentMarker, judged: change.head.commit, statusSha, run })
}

function currentRun({ runId, eventName, workflowRef, runUrl }: Inputs['context']): CurrentRun | undefined {
  const id = Number(runId)
  if (!Number.isSafeInteger(id) || eventName === undefined || workflowRef === undefined) return undefined
  return { id, event: eventName, workflowRef, url: runUrl }
}
