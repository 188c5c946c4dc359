import { createHash } from 'node:crypto'
import type { Clock } from '../shared/clock.ts'
import { registryUrl, type HexPackage } from '../shared/hex/hex-api.ts'
import { HttpFailure, type Http, type HttpRequest, type HttpResponse } from '../shared/http.ts'
import type { Log } from '../shared/log.ts'
import { ActionError, type Problem } from '../shared/problem.ts'
import { readRegistryObject, type RegistryPackage } from './registry-object.ts'

export type { RegistryPackage, RegistryRelease } from './registry-object.ts'

export interface RegistryAccess {
  /** Sent as Authorization, for an organization's registry only: the public one needs none, and gets none. */
  readonly key?: string | undefined
  /** Default `registryUrl`. */
  readonly url?: string
}

/**
 * What resolvers are told of a package. `undefined`: the registry does not have it (or, for an organization, does not
 * show it to this key: both are 403 or 404).
 * @throws {ActionError} for any other answer
 */
export async function readRegistry(
  http: Http,
  pkg: HexPackage,
  access: RegistryAccess = {}
): Promise<RegistryPackage | undefined> {
  const answer = await http(reading(pkg, `packages/${encodeURIComponent(pkg.name)}`, access))
  return parse(answer, pkg)
}

export interface RegistryWait extends RegistryAccess {
  readonly http: Http
  readonly package: HexPackage
  readonly version: string
  /** SHA-256 of the tarball, lower-case hex. */
  readonly checksum: string
  /** The checksum of the release that was replaced: caches may go on to show it for a while. */
  readonly replaces?: string | undefined
  readonly clock: Clock
  readonly log: Pick<Log, 'info'>
  /** Milliseconds; 0: one look. */
  readonly timeout: number
}

/**
 * What the registry shows.
 * - `late`: never a reason to publish again. Hex builds the registry after it has answered the upload, and its caches are
 *   emptied after that.
 * - `other`: it shows the version with other bytes to the end.
 * - `unstored`: not even the tarball is served. Hex commits a release, stores its tarball, asks for the registry, and
 *   then answers (hexpm, releases.ex `publish_result`); what broke off after the first is in the API and nowhere else,
 *   and waiting will not bring it.
 */
export interface RegistrySight {
  readonly state: 'visible' | 'late' | 'other' | 'unstored'
  /** What was seen last, in words. */
  readonly detail: string
  /** The registry names the version. */
  readonly listed?: true
}

/** Waits between looks; the last one is repeated. Milliseconds. */
const waits = [1_000, 2_000, 3_000, 5_000, 8_000, 12_000] as const
const lastWait = 15_000

/**
 * Waits until resolvers can get the release: the registry names the version with this checksum, and the tarball behind it
 * has these bytes. Asks as resolvers do, through the same caches (no `no-cache`), and conditionally, so that a look that
 * shows nothing new is small.
 */
export async function waitForRegistry(wait: RegistryWait): Promise<RegistrySight> {
  const { clock, log, timeout, package: pkg, version } = wait
  const deadline = clock.now() + timeout
  const look = looker(wait)
  for (let looks = 0; ; looks++) {
    const sight = await look(Math.max(5_000, deadline - clock.now()))
    const left = deadline - clock.now()
    if (sight.state === 'visible') return sight
    if (left <= 0) return sight.state === 'late' && sight.listed !== true && (await isUnstored(wait)) ? unstored : sight
    const pause = Math.min(left, waits[looks] ?? lastWait)
    log.info(`${pkg.name} ${version}: ${sight.detail}; looking again in ${Math.ceil(pause / 1000)} s`)
    await clock.sleep(pause)
  }
}

const unstored: RegistrySight = {
  state: 'unstored',
  detail:
    'neither the registry nor the tarball is served, so that Hex broke off while it stored the release; within the release’s window, `replace: true` publishes the same bytes once more and mends that'
}

/** One answer of a cache that was asked too early must not make a release be published again. */
const looksForTarball = 3

async function isUnstored(wait: RegistryWait): Promise<boolean> {
  for (let looks = 1; ; looks++) {
    const status = await statusOf(wait, reading(wait.package, tarballName(wait), wait))
    if (status !== 404 && status !== 403) return false
    // The store behind the registry answers 403 for what it does not have; so do filters, for everything, and an
    // organization's registry to a key that may not read it.
    if (status === 403 && (wait.package.organization !== undefined || !(await isOpen(wait)))) return false
    if (looks === looksForTarball) return true
    await wait.clock.sleep(1_000)
  }
}

/** Whether this runner is shown what is surely there: the registry's public key. */
async function isOpen(wait: RegistryWait): Promise<boolean> {
  return (await statusOf(wait, reading(wait.package, 'public_key', wait))) === 200
}

async function statusOf(wait: RegistryWait, request: HttpRequest): Promise<number | undefined> {
  try {
    return (await wait.http({ ...request, repeat: 'never' })).status
  } catch (error) {
    if (error instanceof HttpFailure) return undefined
    throw error
  }
}

function tarballName({ package: { name }, version }: RegistryWait): string {
  return `tarballs/${encodeURIComponent(`${name}-${version}.tar`)}`
}

/** One look at a time, with what the last one brought kept for a 304. */
function looker(wait: RegistryWait): (timeLeft: number) => Promise<RegistrySight> {
  const { http, package: pkg, version, checksum, replaces } = wait
  const objectName = `packages/${encodeURIComponent(pkg.name)}`
  let kept: { readonly etag: string; readonly object: RegistryPackage } | undefined

  return async (timeLeft) => {
    // The loop is what repeats: each look has the time that is left, and no more.
    const limits = { repeat: 'never', timeout: Math.min(60_000, timeLeft) } as const
    try {
      const answer = await http({
        ...reading(pkg, objectName, wait, kept === undefined ? {} : { 'if-none-match': kept.etag }),
        ...limits
      })
      const object = answer.status === 304 ? kept?.object : parse(answer, pkg)
      const { etag } = answer.headers
      if (object !== undefined && etag !== undefined) kept = { etag, object }
      if (object === undefined) return { state: 'late', detail: missing(answer, pkg) }

      const release = object.releases.find((each) => each.version === version)
      if (release === undefined) return { state: 'late', detail: 'the registry has the package without this version' }
      if (release.outerChecksum !== checksum) {
        if (release.outerChecksum !== undefined && release.outerChecksum === replaces)
          return stillReplaced(release.outerChecksum)
        const shown = release.outerChecksum ?? 'none'
        return { state: 'other', detail: `the registry shows checksum ${shown}, not ${checksum}` }
      }
      return tarballSight(await http({ ...reading(pkg, tarballName(wait), wait), ...limits }), checksum, replaces)
    } catch (error) {
      if (error instanceof HttpFailure || error instanceof ActionError) return { state: 'late', detail: error.message }
      throw error
    }
  }
}

function stillReplaced(checksum: string): RegistrySight {
  return { state: 'late', listed: true, detail: `the registry still shows what was replaced (checksum ${checksum})` }
}

function tarballSight(answer: HttpResponse, checksum: string, replaces: string | undefined): RegistrySight {
  if (answer.status !== 200) {
    return {
      state: 'late',
      listed: true,
      detail: `the registry shows it, and its tarball is answered ${answer.status}`
    }
  }
  const found = createHash('sha256').update(answer.body).digest('hex')
  if (found === replaces && found !== checksum) return stillReplaced(found)
  if (found !== checksum) return { state: 'other', detail: `the registry gives a tarball with checksum ${found}` }
  return { state: 'visible', detail: 'the registry shows it, and its tarball has the same checksum' }
}

function missing({ status }: HttpResponse, { organization }: HexPackage): string {
  if (organization === undefined) return `the registry does not have the package yet (status ${status})`
  return `the registry of ${organization} does not show the package (status ${status}); its key needs the permission “Organization repository”`
}

function reading(
  { organization }: HexPackage,
  name: string,
  access: RegistryAccess,
  headers: Readonly<Record<string, string>> = {}
): HttpRequest {
  const base = (access.url ?? registryUrl).replace(/\/+$/, '')
  const repository = organization === undefined ? '' : `/repos/${encodeURIComponent(organization)}`
  const authorization = organization === undefined ? undefined : access.key
  return {
    method: 'GET',
    url: `${base}${repository}/${name}`,
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) }
  }
}

/** @throws {ActionError} when the answer is neither the object nor says that there is none */
function parse(answer: HttpResponse, pkg: HexPackage): RegistryPackage | undefined {
  const { status, url, body } = answer
  // The store behind the registry answers 403 for what it does not have.
  if (status === 403 || status === 404) return undefined
  const where = `${url.host}${url.pathname}`
  if (status === 401) {
    throw unreadable(
      `${where} answered 401`,
      'The registry of an organization needs a key with the permission “Organization repository” (for a user’s key “Repository: NAME”).'
    )
  }
  if (status !== 200) {
    throw unreadable(`${where} answered ${status}`, 'Run the job again later; status.hex.pm tells of outages.')
  }
  const read = readRegistryObject(body, pkg)
  if ('fault' in read) {
    throw unreadable(
      `${where} gave no registry object: ${read.fault}`,
      'A proxy or sign-in page may stand between this runner and repo.hex.pm: let the host pass. Then run the job again.'
    )
  }
  return read.package
}

function unreadable(message: string, hint: string): ActionError {
  const problem: Problem = { code: 'hex-registry-unreadable', message, hint }
  return new ActionError([problem])
}
