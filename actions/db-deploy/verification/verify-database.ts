import type { World } from '../../shared/world.ts'
import { failedProblems, type Check } from '../check.ts'
import { counted } from '../counted.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import { extensionChecks } from '../database/extensions.ts'
import { invalidCheck, invalidIndexes, noInvalidIndex, type InvalidIndex } from '../database/index-checks.ts'
import type { Session } from '../database/session.ts'
import { libpqEnvironment, toolUrl } from '../database/url-forms.ts'
import { expectedApplications } from '../ecto/expect-app.ts'
import type { Inputs } from '../inputs.ts'
import type { Journal } from '../journal.ts'
import { directUrl, reading, sharedReading, type Reader } from '../reading.ts'
import type { CountedTable } from './count-rows.ts'
import { readExpectRows } from './expect-rows.ts'
import { readPrismaModels, type PrismaSchemaFile } from './prisma-models.ts'
import { otherDatabase } from './smoke-database.ts'
import { smokeTest, type SmokeRequest } from './smoke.ts'
import { vectorIndexChecks } from './vector-indexes.ts'
import { verifyCommands } from './verify-commands.ts'
import { findVerifyFiles, verifyFiles } from './verify-files.ts'

export interface VerificationRequest {
  readonly inputs: Inputs
  /** `release-actions/db-deploy 1234` */
  readonly applicationName: string
  readonly framework: 'prisma' | 'ecto'
  /** Prisma's; empty for Ecto, whose tables are read. */
  readonly schemaFiles: readonly PrismaSchemaFile[]
  /** Of the framework, by name: they are not the application's. */
  readonly frameworkTables: readonly string[]
  /** From `countRows`, before the migrations, read as the role of `smoke-url`. */
  readonly before?: readonly CountedTable[]
}

/**
 * Everything that is looked at after the migrations besides the state itself: invalid indexes, pgvector's indexes, the
 * smoke test with counts and expectations, verify files, applications and commands. Each is a stage of the journal,
 * which learns `smoke` and `verification`. All are looked at, whatever one of them finds, and also where nothing was pending:
 * a run that failed here is followed by one that looks again.
 *
 * @throws ActionError when the connection is lost or the job cancelled
 */
export function verifyDatabase(
  request: VerificationRequest,
  world: World,
  journal: Journal
): Promise<readonly Check[]> {
  return sharedReading({ ...request.inputs, url: directUrl(request.inputs) }, world, (direct) =>
    verifyOver(direct, request, world, journal)
  )
}

async function verifyOver(
  direct: Reader,
  request: VerificationRequest,
  world: World,
  journal: Journal
): Promise<readonly Check[]> {
  const { inputs } = request
  const checks: Check[] = []
  const stage = async (name: string, title: string, look: () => Promise<readonly Check[]>): Promise<void> => {
    await journal.stage(name, title, async (open) => {
      const found = await look()
      checks.push(...found)
      journal.learn({ verification: [...checks] })
      open.result(worstOf(found))
      open.note(noteOf(found))
    })
  }
  const { expectApp: apps, files, commands, extensions } = inputs.verification
  await stage('indexes', 'Indexes', () => direct((session) => lookAtIndexes(session, journal)))
  if (extensions.length > 0) {
    await stage('extensions', 'Extensions', () => direct((session) => extensionChecks(session, extensions, 'now')))
  }
  if (inputs.verification.smoke === 'off') await skipped(journal, 'smoke', 'Smoke test')
  else await stage('smoke', 'Smoke test', () => smoke(direct, request, world, journal))
  if (files.length > 0) await stage('verify-files', 'Verify files', () => runFiles(inputs, world))
  if (apps.length > 0) {
    await stage('expect-app', 'Expected applications', () => expectedApplications(inputs, world))
  }
  if (commands.length > 0) await stage('verify-commands', 'Verify commands', () => runCommands(request, world))
  return checks
}

function worstOf(checks: readonly Check[]): 'failed' | 'warning' | 'not checked' | 'ok' {
  const results = new Set(checks.map(({ result }) => result))
  return (['failed', 'warning', 'not checked'] as const).find((result) => results.has(result)) ?? 'ok'
}

function noteOf(checks: readonly Check[]): string {
  const failed = failedProblems(checks).length
  if (failed > 0) return `${failed} of ${counted(checks.length, 'check')} failed`
  const [only, ...others] = checks
  if (only !== undefined && others.length === 0) return `${only.title}: ${only.told}`
  const odd = (['warning', 'not checked'] as const).flatMap((result) => {
    const count = checks.filter((check) => check.result === result).length
    return count === 0 ? [] : [`, ${count} ${result === 'warning' ? 'with a warning' : result}`]
  })
  return `${counted(checks.length, 'check')}${odd.join('')}`
}

async function skipped(journal: Journal, name: string, title: string): Promise<void> {
  await journal.stage(name, title, (open) => {
    open.result('skipped')
    open.note('off')
    return Promise.resolve()
  })
}

/** An index that is invalid now, and was not before the migrations, is their doing; what was is told again. */
async function lookAtIndexes(session: Session, journal: Journal): Promise<readonly Check[]> {
  const before = journal.learned.preflight?.find(({ id }) => id === 'invalid-indexes')?.names
  const invalid = await invalidIndexes(session)
  const known = before === undefined ? undefined : new Set(before)
  const isNew = ({ name }: InvalidIndex): boolean => known?.has(name) === false
  const [fresh, old] = [invalid.filter(isNew), invalid.filter((index) => !isNew(index))]
  return [
    ...(invalid.length === 0 ? [noInvalidIndex] : []),
    ...(fresh.length === 0 ? [] : [invalidCheck(fresh, 'failed')]),
    ...(old.length === 0 ? [] : [invalidCheck(old, 'warning')]),
    ...(await vectorIndexChecks(session))
  ]
}

/** Milliseconds that reading or counting one relation may take. */
const smokeTimeout = 30_000

async function smoke(
  direct: Reader,
  request: VerificationRequest,
  world: World,
  journal: Journal
): Promise<readonly Check[]> {
  const { inputs, framework, schemaFiles, frameworkTables, before } = request
  const url = inputs.urls.smoke ?? directUrl(inputs)
  const rows = readExpectRows(inputs.verification.expectRows)
  const limits = {
    exactCountLimit: inputs.verification.exactCountLimit,
    expectations: 'expectations' in rows ? rows.expectations : [],
    timeout: smokeTimeout,
    ...(before === undefined ? {} : { before })
  }
  const asked: SmokeRequest =
    framework === 'prisma' && inputs.verification.smoke === 'models'
      ? { ...limits, of: 'models', schema: readPrismaModels(schemaFiles), connectionSchema: directUrl(inputs).schema }
      : { ...limits, of: 'tables', without: frameworkTables }
  const read: Reader = url === directUrl(inputs) ? direct : (use) => reading({ ...inputs, url }, world, use)
  return read(async (session) => {
    // What is in another database says nothing of this one.
    const elsewhere = await otherDatabase(session, inputs, world)
    if (elsewhere.length > 0) return elsewhere
    const tested = await smokeTest(session, asked)
    journal.learn({ smoke: tested.smoke })
    return tested.checks
  })
}

async function runFiles(inputs: Inputs, world: World): Promise<readonly Check[]> {
  const { files, checks } = await findVerifyFiles(inputs.folder, inputs.verification.files)
  const ran =
    files.length === 0
      ? []
      : await reading({ ...inputs, url: directUrl(inputs) }, world, (session) => verifyFiles(session, files, world))
  return [...checks, ...ran]
}

/** Milliseconds for one command. */
const commandTimeout = 300_000

/** As the application connects: its own URL in its own scheme, and what libpq's programs read. */
function runCommands({ inputs, framework }: VerificationRequest, world: World): Promise<readonly Check[]> {
  const spelled = (url: DatabaseUrl): string =>
    toolUrl(url, { applicationName: inputs.sessions.own, lockTimeout: 0, statementTimeout: 0, driver: framework })
  const direct = directUrl(inputs)
  const url = inputs.urls.database ?? direct
  const given = {
    ...libpqEnvironment(url),
    DATABASE_URL: spelled(url),
    DIRECT_DATABASE_URL: spelled(direct)
  }
  for (const secret of [given.DATABASE_URL, given.DIRECT_DATABASE_URL]) world.secrets.add(secret)
  return verifyCommands(
    inputs.verification.commands,
    { folder: inputs.folder, environmentVariables: inputs.environmentVariables, given, timeout: commandTimeout },
    world
  )
}
