import { readPackage, type HexApi, type HexPackage } from '../../shared/hex/hex-api.ts'
import type { Problem } from '../../shared/problem.ts'
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
  if (pkg.organization !== undefined && api.key === undefined) {
    findings.notChecked.push(`what Hex has of ${pkg.name}: packages of an organization are not shown without a key`)
    const shadow = await noted(findings, () => readPackage(api, { name: pkg.name }))
    if (shadow !== undefined) findings.warnings.push(shadowed(pkg, pkg.organization))
    return { ...nothingKnown, pkg, registryBarrier: 'this run has no key' }
  }
  const published = inputs.mode === 'publish' ? tarball : undefined
  const info = readPackage(api, pkg)
  const [key, seen] = await Promise.all([
    api.key === undefined ? undefined : checkKey(api, pkg, world.clock.now(), info),
    noted(findings, async () => {
      const remote = await readRemote(api, pkg, info, version, published, world)
      const differs = isOther(remote)
      const isNews = published !== undefined && (remote.release === undefined || differs)
      return { remote, differs, changes: isNews ? await changesOf(inspection, remote, published) : undefined }
    })
  ])
  findings.warnings.push(...(key?.warnings ?? []))
  if (seen === undefined) return { ...nothingKnown, pkg, key }
  const { remote, differs } = seen
  tellOddities(remote, findings)
  const barrier = registryBarrier(inputs, pkg, key)
  const there = remote.release
  return {
    pkg,
    key,
    ...seen,
    registry:
      // What cannot be downloaded to be compared may never have been stored.
      there === undefined || (differs && remote.comparison?.kind === 'compared') || barrier !== undefined
        ? undefined
        : await lookAtRegistry(inputs, world, pkg, there, api.key),
    registryBarrier: barrier
  }
}

/** Whether the release is there with contents that are not ours, or that could not be compared. */
function isOther({ comparison }: Remote): boolean {
  return comparison !== undefined && !(comparison.kind === 'compared' && comparison.difference.same)
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
function tellOddities(remote: Remote, findings: Findings): void {
  const { pkg, release, package: found, elsewhere, elsewhereUnknown } = remote
  if (elsewhereUnknown !== undefined) {
    findings.notChecked.push(
      `whether an organization of the key’s owner has a private package ${pkg.name}: ${elsewhereUnknown}`
    )
  }
  if (release?.retirement !== undefined) {
    const { reason, message } = release.retirement
    findings.warnings.push({
      code: 'release-retired',
      message: `${pkg.name} ${release.version} is retired on Hex: ${reason}${message === undefined ? '' : `, ${message}`}.`,
      hint: 'Resolvers warn whoever uses it. `mode: unretire` takes that back.'
    })
  }
  if (pkg.organization !== undefined && found !== undefined && elsewhere.length > 0) {
    findings.warnings.push(shadowed(pkg, pkg.organization))
  }
}

function shadowed({ name }: HexPackage, organization: string): Problem {
  return {
    code: 'public-package-exists',
    message: `There is a public package ${name} on Hex beside the private one of ${organization}.`,
    hint: `A build that forgets \`organization: "${organization}"\` takes the public one without a word.`
  }
}
