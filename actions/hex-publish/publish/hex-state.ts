import type { HexApi, HexPackage } from '../../shared/hex/hex-api.ts'
import type { World } from '../../shared/world.ts'
import { checkKey, type KeyFacts } from '../key-check.ts'
import type { RegistrySight } from '../registry.ts'
import type { Tarball } from '../tarball.ts'
import { noted, type Findings } from './findings.ts'
import type { Inputs } from './inputs.ts'
import { lookAtRegistry, registryBarrier } from './registry-sight.ts'
import { readChanges, readRemote, type Changes, type Remote } from './remote.ts'

/** What Hex says of the package, the release and the key. */
export interface HexState {
  /** The package, once its name is known. */
  readonly pkg: HexPackage | undefined
  readonly key: KeyFacts | undefined
  /** Absent where Hex shows nothing without a key, or could not be read. */
  readonly remote: Remote | undefined
  /** Whether the release is there with other contents. */
  readonly differs: boolean
  /** Absent where nothing new is to be published. */
  readonly changes: Changes | undefined
  /** What resolvers see of a release that is there with our contents. */
  readonly registry: RegistrySight | undefined
  /** Why the registry is not waited for, where it is not. */
  readonly registryBarrier: string | undefined
}

/** Where no tarball could be read, nothing can be asked. */
export const nothingKnown: HexState = {
  pkg: undefined,
  key: undefined,
  remote: undefined,
  differs: false,
  changes: undefined,
  registry: undefined,
  registryBarrier: undefined
}

export interface Inspection {
  readonly api: HexApi
  readonly inputs: Inputs
  readonly world: World
  readonly findings: Findings
}

/** Checks the key for this package, and reads what is there. What is wrong goes to the findings. */
export async function lookAtHex(
  inspection: Inspection,
  pkg: HexPackage,
  tarball: Tarball | undefined,
  version: string
): Promise<HexState> {
  const { api, inputs, world, findings } = inspection
  const key = api.key === undefined ? undefined : await checkKey(api, pkg, world.clock.now())
  findings.warnings.push(...(key?.warnings ?? []))
  if (pkg.organization !== undefined && api.key === undefined) {
    findings.notChecked.push(`what Hex has of ${pkg.name}: packages of an organization are not shown without a key`)
    return { ...nothingKnown, pkg, registryBarrier: 'this run has no key' }
  }
  const published = inputs.mode === 'publish' ? tarball : undefined
  const remote = await noted(findings, () => readRemote(api, pkg, version, published, world))
  if (remote === undefined) return { ...nothingKnown, pkg, key }
  tellOddities(remote, findings)
  const differs =
    remote.comparison !== undefined && !(remote.comparison.kind === 'compared' && remote.comparison.difference.same)
  const barrier = registryBarrier(inputs, pkg, key)
  const there = remote.release
  return {
    pkg,
    key,
    remote,
    differs,
    changes:
      published !== undefined && (there === undefined || differs)
        ? await changesOf(inspection, remote, published)
        : undefined,
    registry:
      there === undefined || differs || barrier !== undefined
        ? undefined
        : await lookAtRegistry(world, pkg, version, there.checksum, api.key),
    registryBarrier: barrier
  }
}

async function changesOf(
  { api, world, findings }: Inspection,
  remote: Remote,
  tarball: Tarball
): Promise<Changes | undefined> {
  const changes = await readChanges(api, remote, tarball, world)
  if (!('why' in changes)) return changes
  findings.notChecked.push(changes.why)
  return undefined
}

/** What does not stop a release, and should not surprise either. */
function tellOddities({ pkg, release, package: found, elsewhere }: Remote, findings: Findings): void {
  if (release?.retirement !== undefined) {
    const { reason, message } = release.retirement
    findings.warnings.push({
      code: 'release-retired',
      message: `${pkg.name} ${release.version} is retired on Hex: ${reason}${message === undefined ? '' : `, ${message}`}.`,
      hint: 'Resolvers warn whoever uses it. `mode: unretire` takes that back.'
    })
  }
  if (pkg.organization !== undefined && found !== undefined && elsewhere.length > 0) {
    findings.warnings.push({
      code: 'public-package-exists',
      message: `There is a public package ${pkg.name} on Hex beside the private one of ${pkg.organization}.`,
      hint: `A build that forgets \`organization: "${pkg.organization}"\` takes the public one without a word.`
    })
  }
}
