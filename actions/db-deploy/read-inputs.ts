import { resolve } from 'node:path'
import type { InputReader } from '../shared/inputs.ts'
import type { RunContext } from '../shared/run-context.ts'
import { commands, type Command } from './command.ts'
import { readExtensions } from './database/extensions.ts'
import { readDuration } from './duration.ts'
import type { BackupInputs, Inputs, LockInputs, SeedInputs, Urls, VerificationInputs } from './inputs.ts'
import { sessionNames } from './session-names.ts'
import { readStartedBy } from './event.ts'
import { changing, isProduction, productionProblems } from './production.ts'
import { readUrls, unhidden } from './read-urls.ts'
import { otherDatabaseProblems } from './tool-alone/other-database.ts'
import { readTimeLimits } from './telemetry/time-limits.ts'
import { readExpectedApplications } from './ecto/expect-app.ts'
import { readExpectRows } from './verification/expect-rows.ts'

/** Which command a step asks for. What is no command is a problem, told with the other inputs' by `readInputs`. */
export function readCommand(reader: InputReader): Command {
  return reader.choice('command', commands, 'deploy')
}

/**
 * Reads and checks the inputs of db-deploy, and what the environment says where an input is silent. Also what production
 * asks for is checked here, as none of it needs the database.
 */
export function readInputs(reader: InputReader, context: RunContext, env: NodeJS.ProcessEnv): Inputs {
  const command = readCommand(reader)
  const dryRun = reader.flag('dry-run', false) || command === 'plan'
  const environment = reader.text('environment') ?? ''
  const production = {
    environment,
    production: isProduction(environment) || reader.choice('production', ['auto', 'true'], 'auto') === 'true',
    confirm: reader.text('confirm'),
    phrase: reader.text('confirm-phrase'),
    allowedRefs: reader.lines('allowed-refs')
  }
  const urls = readUrls(reader, env)
  const seed = readSeed(reader)
  const backup = readBackup(reader, context)
  const restore = {
    file: pathOf(reader, 'restore-file', context),
    mode: reader.choice('restore-mode', ['swap', 'in-place'], 'swap'),
    identity: reader.secret('restore-identity')
  } as const
  const database = urls.direct?.database ?? urls.other?.name
  for (const problem of productionProblems({
    command,
    dryRun,
    production,
    database,
    context,
    ...readStartedBy(context),
    seed,
    backup,
    restoreMode: restore.mode
  })) {
    reader.reject(problem)
  }
  const short = unhidden(urls)
  if (short !== undefined && production.production && changing.has(command) && !dryRun) reader.reject(short.problem)
  const shownFolder = reader.text('working-directory') ?? '.'
  const verification = readVerification(reader)
  const expectCurrent = reader.text('expect-current')
  if (urls.other !== undefined) {
    const asked = { backup, verification, seed, expectCurrent }
    for (const problem of otherDatabaseProblems(command, urls.other, asked, production)) reader.reject(problem)
  }
  if (verification.smoke === 'off' && (command === 'smoke' || verification.expectRows.length > 0)) {
    reader.reject({
      code: 'deploy-input',
      message: `Input smoke is off, and ${command === 'smoke' ? 'command is smoke: the test that is asked for would not be made' : `expect-rows is ${verification.expectRows.join(', ')}: nobody would count`}.`,
      hint: command === 'smoke' ? 'Take `smoke: off` away.' : 'Take one of the two away.'
    })
  }
  const made = command === 'drift' || command === 'diff' || verification.prove.size > 0
  if (made && production.production && sharesServer(urls)) {
    reader.reject({
      code: 'deploy-scratch-production',
      message: `Input scratch-url names the server of the database itself (${urls.scratch?.shown ?? ''}), and this is production: every migration would be replayed there.`,
      hint: 'Name another server, such as a `postgres` service of the job.'
    })
  }
  if (verification.prove.size > 0 && urls.scratch === undefined && (command === 'deploy' || command === 'plan')) {
    reader.reject({
      code: 'deploy-without-scratch',
      message: `Input prove is ${[...verification.prove].join(', ')}, and there is no scratch database to prove it on.`,
      hint: 'Write `scratch-url` with the address of a server that may make and drop databases, such as a service of the job; or take `prove` away.'
    })
  }
  return {
    tag: undefined,
    dryRun,
    command,
    context,
    sessions: sessionNames(context),
    environmentVariables: env,
    folder: resolve(context.workspace, shownFolder),
    shownFolder: shownFolder.replace(/[/\\]+$/, '') || shownFolder,
    production,
    urls,
    migrations: {
      paths: reader.lines('migrations-paths'),
      schema: reader.text('schema'),
      table: reader.text('migrations-table'),
      prefix: reader.text('migrations-prefix'),
      expectCurrent
    },
    tool: {
      tool: reader.choice('tool', ['auto', 'prisma', 'ecto'], 'auto'),
      repositories: reader.lines('repos'),
      releaseBinary: reader.text('release-binary'),
      releaseCall: reader.text('release-call'),
      releaseRollbackCall: reader.text('release-rollback-call'),
      validate: reader.choice('validate', ['pending', 'always', 'never'], 'pending'),
      generate: reader.choice('generate', ['pending', 'always', 'never'], 'pending'),
      toolStatus: reader.choice('tool-status', ['pending', 'always', 'never'], 'pending'),
      timeout: duration(reader, 'timeout', '15m', { none: false })
    },
    seed,
    backup,
    restore,
    lock: readLock(reader),
    verification,
    telemetry: {
      slackWebhookUrl: reader.secret('slack-webhook-url'),
      warnAfter: timeLimits(reader, 'warn-after', '10m migration, 30s seed'),
      failAfter: timeLimits(reader, 'fail-after', ''),
      githubDeployment: reader.flag('github-deployment', false),
      ledger: reader.flag('ledger', false)
    },
    rollback: {
      to: readVersion(reader),
      steps: readCount(reader, 'steps', 1),
      migration: reader.text('migration')
    },
    failOn: readFailOn(reader),
    comment: reader.flag('comment', true),
    githubToken: reader.secret('github-token')
  }
}

function sharesServer({ database, direct, scratch }: Urls): boolean {
  const own = new Set([database, direct].flatMap((url) => url?.hosts ?? []).map(({ host, port }) => `${host}:${port}`))
  return scratch?.hosts.some(({ host, port }) => own.has(`${host}:${port}`)) === true
}

function readSeed(reader: InputReader): SeedInputs {
  return {
    seed: reader.flag('seed', false),
    inProduction: reader.flag('seed-in-production', false),
    command: reader.text('seed-command')
  }
}

function readBackup(reader: InputReader, context: RunContext): BackupInputs {
  const recipient = reader.text('backup-recipient')
  const passphrase = reader.secret('backup-passphrase')
  if (recipient !== undefined && passphrase !== undefined) {
    reader.reject({
      code: 'deploy-input',
      message: 'Inputs backup-recipient and backup-passphrase are both given.',
      hint: 'An age file is for recipients or for a passphrase. Take one of the two away.'
    })
  }
  return {
    when: reader.choice('backup', ['auto', 'true', 'false'], 'auto'),
    always: reader.flag('always-backup', false),
    verify: reader.choice('backup-verify', ['list', 'read', 'restore'], 'read'),
    folder: pathOf(reader, 'backup-folder', context) ?? resolve(context.temp, 'release-actions', 'backup'),
    recipient,
    passphrase,
    command: reader.text('backup-command'),
    timeout: duration(reader, 'backup-timeout', '15m', { none: false })
  }
}

function readLock(reader: InputReader): LockInputs {
  return {
    wait: duration(reader, 'lock-wait', '10m'),
    lockTimeout: duration(reader, 'lock-timeout', '5s'),
    statementTimeout: duration(reader, 'statement-timeout', '0'),
    retries: readCount(reader, 'retries', 0) ?? 5
  }
}

function readVerification(reader: InputReader): VerificationInputs {
  const expectRows = reader.lines('expect-rows')
  const rows = readExpectRows(expectRows)
  if ('problems' in rows) for (const problem of rows.problems) reader.reject(problem)
  const extensions = listOf(reader, 'extensions')
  const expectApp = listOf(reader, 'expect-app')
  for (const { problems } of [readExtensions(extensions), readExpectedApplications(expectApp)]) {
    for (const problem of problems) reader.reject(problem)
  }
  return {
    smoke: reader.choice('smoke', ['models', 'tables', 'off'], 'models'),
    exactCountLimit: readCount(reader, 'exact-count-limit', 0) ?? 100_000,
    expectRows,
    extensions,
    files: reader.lines('verify-files'),
    commands: reader.lines('verify-commands'),
    expectApp,
    prove: readSet(reader, 'prove', ['idempotent', 'rollback'])
  }
}

function readFailOn(reader: InputReader): Inputs['failOn'] {
  return reader.text('fail-on') === undefined
    ? new Set(['drift'])
    : readSet(reader, 'fail-on', ['pending', 'out-of-order', 'lint', 'drift', 'diff'])
}

/** Entries by lines or commas. */
function listOf(reader: InputReader, name: string): readonly string[] {
  return reader
    .lines(name)
    .flatMap((line) => line.split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** Words of a fixed set; `none` alone is the empty one. */
function readSet<const T extends string>(reader: InputReader, name: string, known: readonly T[]): ReadonlySet<T> {
  const given = listOf(reader, name)
  if (given.length === 1 && given[0] === 'none') return new Set()
  const unknown = given.filter((word) => !known.some((each) => each === word))
  if (unknown.length > 0) {
    reader.reject({
      code: 'deploy-input',
      message: `Input ${name} has ${unknown.map((word) => JSON.stringify(word)).join(', ')}.`,
      hint: `Write some of ${known.join(', ')}, separated by commas, or \`none\`.`
    })
  }
  return new Set(known.filter((word) => given.includes(word)))
}

function duration(reader: InputReader, name: string, otherwise: string, { none } = { none: true }): number {
  const text = reader.text(name) ?? otherwise
  const read = readDuration(text)
  if (read !== undefined && (none || read > 0)) return read
  reader.reject({
    code: 'deploy-input',
    message: `Input ${name} is ${JSON.stringify(text)}, which is no length of time.`,
    hint: `Write a number with its unit, such as \`${name}: ${otherwise === '0' ? '30s' : otherwise}\` (ms, s, m, h)${none ? ', or `0` for none' : ''}.`
  })
  return 0
}

function timeLimits(reader: InputReader, name: string, otherwise: string): ReadonlyMap<string, number> {
  const read = readTimeLimits(reader.text(name) ?? otherwise, name)
  if ('limits' in read) return read.limits
  for (const problem of read.problems) reader.reject(problem)
  return new Map()
}

function readCount(reader: InputReader, name: string, least: number): number | undefined {
  const text = reader.text(name)
  if (text === undefined) return undefined
  const count = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
  if (count >= least) return count
  reader.reject({
    code: 'deploy-input',
    message: `Input ${name} is ${JSON.stringify(text)}, which is no whole number${least > 0 ? ` of at least ${least}` : ''}.`,
    hint: `Write digits alone: \`${name}: ${Math.max(least, 1)}\`.`
  })
  return undefined
}

/** Ecto's versions are numbers. */
function readVersion(reader: InputReader): string | undefined {
  const text = reader.text('to')
  if (text === undefined || /^\d{1,19}$/.test(text)) return text
  reader.reject({
    code: 'deploy-input',
    message: `Input to is ${JSON.stringify(text)}, which is no version of a migration.`,
    hint: 'Write the digits before the name of a migration: `to: 20260101120000`. That one stays; those after it are rolled back.'
  })
  return undefined
}

function pathOf(reader: InputReader, name: string, context: RunContext): string | undefined {
  const text = reader.text(name)
  return text === undefined ? undefined : resolve(context.workspace, text)
}

/** From the event's payload, where it says it; a file that is not there, or no JSON, says nothing. */
