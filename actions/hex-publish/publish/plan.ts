import type { HexPackage } from '../../shared/hex/hex-api.ts'
import type { Plan, Step } from '../../shared/phases.ts'
import type { Problem } from '../../shared/problem.ts'
import type { Tarball } from '../tarball.ts'
import { missingKey } from './api-key.ts'
import type { DocsFound } from './docs.ts'
import { decideDocs, type DocsDecision } from './docs-decision.ts'
import { checkIdentity } from './identity.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { decideRelease, type ReleaseDecision } from './release-decision.ts'

export interface ReleasePlan extends Plan {
  readonly pkg: HexPackage
  readonly version: string
  /** `untouched`: the run is about the docs alone. */
  readonly release: 'create' | 'replace' | 'unchanged' | 'untouched'
  /** What is sent where the release is created or replaced. */
  readonly tarball: Tarball | undefined
  /** The outer checksum that Hex has, or is to have. */
  readonly checksum: string | undefined
  readonly docs: DocsDecision
  readonly packedDocs: Extract<DocsFound, { kind: 'packed' }> | undefined
}

/** `demo 1.0.0`, `acme/demo 1.0.0`: a release as messages name it. */
export function shownRelease({ name, organization }: HexPackage, version: string): string {
  return `${organization === undefined ? '' : `${organization}/`}${name} ${version}`
}

/** Decides what becomes of the release and of its docs, or tells every problem at once. */
export function plan(inputs: Inputs, facts: Facts): { plan: ReleasePlan } | { problems: readonly Problem[] } {
  const { wanted, mode } = inputs
  const { pkg, tarball, remote } = facts
  const problems = [...facts.findings.problems, ...(wanted === undefined ? [] : checkIdentity(wanted, facts))]
  if (wanted === undefined || pkg === undefined) return { problems }
  const version = tarball?.metadata.version ?? wanted.version
  const release = decide(inputs, facts, shownRelease(pkg, version))
  if (release.kind === 'stopped') problems.push(release.problem)
  if (release.kind === 'stopped' || (mode === 'publish' && tarball === undefined)) return { problems }

  const docs = decideDocs({
    mode,
    found: facts.docs,
    there: remote?.release?.hasDocs === true,
    release: release.kind,
    published: facts.publishedDocs,
    replace: inputs.replace
  })
  const steps = [
    ...(release.kind === 'untouched' ? [] : [releaseStep(shownRelease(pkg, version), release, tarball)]),
    docsStep(shownRelease(pkg, version), docs, facts.docs)
  ]
  if (steps.some(({ kind }) => kind === 'create' || kind === 'update')) {
    problems.push(...(facts.key?.problems ?? []))
    if (inputs.apiKey === undefined && !inputs.dryRun) problems.push(missingKey(pkg.name))
  }
  if (problems.length > 0) return { problems }
  return {
    plan: {
      steps,
      unsettled: release.kind === 'unchanged' && facts.registry !== undefined && facts.registry.state !== 'visible',
      pkg,
      version,
      release: release.kind,
      tarball: release.kind === 'untouched' ? undefined : tarball,
      checksum: checksumAfter(release, facts),
      docs,
      packedDocs: facts.docs.kind === 'packed' ? facts.docs : undefined
    }
  }
}

function checksumAfter(decision: Decision, { tarball, remote }: Facts): string | undefined {
  return decision.kind === 'create' || decision.kind === 'replace' ? tarball?.outerChecksum : remote?.release?.checksum
}

type Decision = ReleaseDecision | { readonly kind: 'untouched' }

function decide(
  { mode, replace, dryRun, apiKey }: Inputs,
  { tarball, remote, registry, now }: Facts,
  release: string
): Decision {
  if (mode === 'docs') {
    return remote !== undefined && remote.release === undefined
      ? { kind: 'stopped', problem: releaseMissing(release) }
      : { kind: 'untouched' }
  }
  if (tarball === undefined || remote === undefined) {
    const unseen = dryRun && apiKey === undefined ? 'what Hex has of it is not shown without a key' : 'not on Hex'
    return { kind: 'create', why: unseen }
  }
  return decideRelease(release, tarball, remote, { replace, now, unstored: registry?.state === 'unstored' })
}

function releaseMissing(release: string): Problem {
  return {
    code: 'release-not-there',
    message: `${release} is not on Hex, and docs need a release that they are of.`,
    hint: 'Publish the release first (`mode: publish` sends its docs too), and check package, version and organization.'
  }
}

function releaseStep(
  target: string,
  decision: Exclude<Decision, { kind: 'stopped' | 'untouched' }>,
  tarball: Tarball | undefined
): Step {
  const wanted = `sha256 ${tarball?.outerChecksum ?? ''}`
  if (decision.kind === 'create') return { kind: 'create', target, wanted, why: decision.why }
  return {
    kind: decision.kind === 'replace' ? 'update' : 'unchanged',
    target,
    there: `sha256 ${decision.there}`,
    wanted,
    why: decision.why
  }
}

/** Docs that nobody wants are a step too, so that a release without them is never a surprise. */
function docsStep(release: string, { kind, why }: DocsDecision, found: DocsFound): Step {
  return {
    kind: kind === 'none' ? 'unchanged' : kind,
    target: `docs of ${release}`,
    wanted: kind === 'none' || found.kind === 'none' ? 'nothing is sent' : `${found.files} files of ${found.shown}`,
    why
  }
}
