import {
  createHexApi,
  readPackage,
  readRelease,
  type HexApi,
  type HexPackage,
  type HexPackageInfo,
  type HexRelease
} from '../../shared/hex/hex-api.ts'
import { ActionError, describe, type Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { hexCredentials } from '../credentials.ts'
import { checkKey, type KeyFacts } from '../key-check.ts'
import { readBack } from '../read-back.ts'
import { releaseWindow, type ReleaseWindow } from '../release-window.ts'
import type { Inputs, Subject } from './inputs.ts'

/** All that is known before anything is decided. */
export interface Facts {
  readonly subject: Subject
  /** Absent where Hex has none. */
  readonly release: HexRelease | undefined
  /** Absent where Hex has none, or where it was not needed. */
  readonly package: HexPackageInfo | undefined
  /** Hex lists the release and answers that there is none. */
  readonly contradictory: boolean
  /** What an organization has is shown to nobody without a key. */
  readonly hidden: boolean
  /** Whether the release can be reverted; only where it is to be. */
  readonly window: ReleaseWindow | undefined
  /** Absent without a key. */
  readonly key: KeyFacts | undefined
  readonly problems: readonly Problem[]
}

/** Reads the release, its package and the key. Writes nothing. */
export async function inspect(inputs: Inputs, world: World): Promise<Facts> {
  const { subject } = inputs
  if (subject === undefined) throw new Error('inspect needs inputs without problems')
  const api = connect(inputs, world)
  const { package: pkg, version, change } = subject
  const hidden = pkg.organization !== undefined && api.key === undefined
  const problems: Problem[] = []
  const look = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof ActionError)) throw error
      problems.push(...error.problems)
      return undefined
    }
  }
  const info = hidden ? Promise.resolve(undefined) : readPackage(api, pkg)
  const [release, found, key] = await Promise.all([
    hidden ? undefined : look(() => readListed(api, pkg, version, info, world)),
    look(() => info),
    api.key === undefined ? undefined : look(() => checkKey(api, pkg, world.clock.now(), info))
  ])
  for (const warning of key?.warnings ?? []) world.log.warning(describe(warning))
  const window =
    change.mode === 'revert' && release !== undefined && found !== undefined
      ? releaseWindow({
          release,
          package: found,
          organization: pkg.organization,
          now: api.lastAnswered() ?? world.clock.now()
        })
      : undefined
  const contradictory = release === undefined && problems.length === 0 && lists(found, version)
  return { subject, release, package: found, contradictory, hidden, window, key, problems }
}

/** A replica may lag behind the list of the package: what that shows is looked for with patience. */
async function readListed(
  api: HexApi,
  pkg: HexPackage,
  version: string,
  info: Promise<HexPackageInfo | undefined>,
  { clock }: World
): Promise<HexRelease | undefined> {
  const [first, found] = await Promise.all([readRelease(api, pkg, version), info])
  if (first !== undefined || !lists(found, version)) return first
  return readBack(
    clock,
    () => readRelease(api, pkg, version),
    (release) => release !== undefined
  )
}

function lists(found: HexPackageInfo | undefined, version: string): boolean {
  return found?.releases.some((each) => each.version === version) === true
}

/** Hex's API with what the inputs give to show. */
export function connect({ apiKey }: Inputs, world: World): HexApi {
  const credential = hexCredentials({ apiKey }, world.secrets)
  return createHexApi(world.http, {
    log: world.log,
    ...(credential.kind === 'none' ? {} : { key: credential.authorization })
  })
}
