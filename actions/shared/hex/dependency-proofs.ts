import type { Http } from '../http.ts'
import type { Problem } from '../problem.ts'
import { bypassExpired, type Bypass } from './bypass.ts'
import { readMixProject } from './mix-project.ts'
import { proveLock } from './proofs/lock.ts'
import { proveMixDeps, type MixDepsRun } from './proofs/mix-deps.ts'
import { proveMixExs, type MixExsProof } from './proofs/mix-exs.ts'
import { disproved, elsewhere, proved, type Proof, type Wanted } from './proofs/proof.ts'
import { proveRelease } from './proofs/release.ts'
import { proveFiles, proveManifest } from './proofs/unpacked.ts'

export type { Proof, ProofState } from './proofs/proof.ts'
export type { MixDepsRun } from './proofs/mix-deps.ts'

export interface ProofRequest {
  /** The Mix project: absolute, and as the user wrote it (`.` for the workspace). */
  readonly project: string
  readonly shownProject: string
  /** Name of the dependency in mix.exs. */
  readonly name: string
  /** The version that must be locked; any without it. */
  readonly version?: string
  /** Whose private repository it must come from; the public one without it. */
  readonly organization?: string
  /** A folder of the dependency that must be there with files in it, such as `priv/repo/migrations`. */
  readonly folder?: string
  readonly bypass?: Bypass
  /** Milliseconds since 1970. */
  readonly now: number
  /** `MIX_EXS` and `MIX_DEPS_PATH` are read from it. */
  readonly env: NodeJS.ProcessEnv
  /** For proof 6; nobody is asked without it. */
  readonly http?: Http
  /** Runs `mix deps` in the project; undefined where there is no mix. It runs the project's own code. */
  readonly mixDeps?: (folder: string) => Promise<MixDepsRun | undefined>
}

/** Where a dependency comes from, as far as six places tell. */
export interface DependencyProof {
  readonly name: string
  /** Its name on Hex, which can be another. */
  readonly package: string
  /** What is locked; undefined where no release of Hex is. */
  readonly version: string | undefined
  readonly outerChecksum: string | undefined
  /** As in mix.lock. */
  readonly repository: string
  /** All six, in order. */
  readonly proofs: readonly Proof[]
  /** Whether mix.exs must be run to know. */
  readonly conditional: boolean
  /** Whether it is proved that the dependency comes from Hex. */
  readonly fromHex: boolean
  /** The bypass that lets it pass all the same; only where it is needed and good. */
  readonly bypassed: Bypass | undefined
  /** What must be mended; empty where it is proved or bypassed. */
  readonly problems: readonly Problem[]
  /** What is to be known all the same: what is bypassed, a bypass that is not needed, environments without it. */
  readonly warnings: readonly Problem[]
}

/** Without these nothing is proved; of the others it is enough that they are not disproved. */
const needed: ReadonlySet<Proof['number']> = new Set([1, 2, 5])

/**
 * Proves that a dependency of a Mix project comes from Hex, and not from a path or a git repository. Reads files, asks
 * Mix and hex.pm where it can, and writes nothing. Throws only what the file system throws.
 */
export async function proveHexDependency(request: ProofRequest): Promise<DependencyProof> {
  const { name, now, bypass } = request
  const repository = request.organization === undefined ? 'hexpm' : `hexpm:${request.organization}`
  const wanted: Wanted = { name, version: request.version, repository }
  const project = await readMixProject(request.project, request.shownProject, request.env)
  const { packageName } = proveMixExs(wanted, project, undefined)
  const lock = await proveLock(wanted, packageName, project.lock)
  const locked = lock.entry
  const mixDeps = proveMixDeps(wanted, locked, await request.mixDeps?.(request.project))
  const mixExs = proveMixExs(wanted, project, locked?.version)
  const proofs = [
    lock.proof,
    decided(mixExs, mixDeps),
    mixDeps,
    await proveManifest(wanted, locked, project.deps),
    await proveFiles(wanted, locked, project.deps, request.folder),
    await proveRelease(locked, request.http)
  ]
  const failing = proofs.filter(
    ({ number, state }) => state === 'disproved' || (needed.has(number) && state !== 'proved')
  )
  const broken = [...project.problems, ...lock.problems]
  const fromHex = failing.length === 0 && broken.length === 0
  const settled = settle(broken, failing, bypass, now)
  return {
    name,
    package: locked?.package ?? packageName,
    version: locked?.version,
    outerChecksum: locked?.outerChecksum,
    repository,
    proofs,
    conditional: mixExs.conditional,
    fromHex,
    ...settled,
    warnings: [...settled.warnings, ...(fromHex ? missingEnvironment(name, mixExs) : [])]
  }
}

/** A definition that only running mix.exs tells is what Mix says it is. */
function decided({ proof, conditional }: MixExsProof, mixDeps: Proof): Proof {
  if (!conditional || mixDeps.state === 'not available') return proof
  const place = {
    ...(proof.file === undefined ? {} : { file: proof.file }),
    ...(proof.line === undefined ? {} : { line: proof.line })
  }
  const asked = `${proof.detail} Other code of the file decides: Mix was asked (proof 3), and in this environment`
  if (mixDeps.state === 'proved') return proved(2, `${asked} it comes from Hex.`, place)
  if (proof.state === 'disproved') return proof
  const not = disproved(
    2,
    `${asked} it is not proved to come from Hex.`,
    {
      code: 'dependency-not-from-hex',
      hint: 'See which variable of this job makes mix.exs take another source, and unset it; or write the dependency plainly in the list.'
    },
    place
  )
  return mixDeps.elsewhere === true ? elsewhere(not) : not
}

/**
 * A bypass is for a dependency that mix.exs takes from a path or from git, and covers what is always so then. Whatever
 * else fails, a lock or a folder that was tampered with, another repository, a wrong name, fails with it too.
 */
function settle(
  broken: readonly Problem[],
  failing: readonly Proof[],
  bypass: Bypass | undefined,
  now: number
): Pick<DependencyProof, 'problems' | 'warnings' | 'bypassed'> {
  const isElsewhere = failing.some((proof) => asksMixExs.has(proof.number) && proof.elsewhere === true)
  // What cannot be read leaves proofs open that it would decide.
  const decidedOnes = broken.length === 0 ? failing : failing.filter(({ state }) => state === 'disproved')
  const found = [...broken, ...told(decidedOnes, isElsewhere)]
  if (bypass === undefined)
    return { problems: isElsewhere ? found.map(offerBypass) : found, warnings: [], bypassed: undefined }
  const expired = bypassExpired(bypass, now)
  if (failing.length === 0) {
    const idle: Problem = {
      code: 'dependency-bypass-idle',
      message: `The bypass until ${bypass.until} is not needed: the dependency comes from Hex.`,
      hint: 'Remove bypass-reason and bypass-until.'
    }
    return { problems: broken, warnings: [expired ?? idle], bypassed: undefined }
  }
  if (expired !== undefined) return { problems: [...found, expired], warnings: [], bypassed: undefined }
  const uncovered = isElsewhere ? failing.filter((proof) => proof.elsewhere !== true) : failing
  if (uncovered.length === 0 && broken.length === 0)
    return { problems: [], warnings: told(failing, true), bypassed: bypass }
  if (broken.length > 0) return { problems: found, warnings: [], bypassed: undefined }
  const narrow: Problem = {
    code: 'dependency-bypass',
    message: `The bypass until ${bypass.until} does not cover this: it is for what mix.exs takes from a path or from git, and covers nothing else.`,
    hint: 'Mend what else is told.'
  }
  return { problems: [...found, narrow], warnings: [], bypassed: undefined }
}

/** The proofs that tell what mix.exs says, read and run. */
const asksMixExs: ReadonlySet<Proof['number']> = new Set([2, 3])

/**
 * What is told of proofs that fail. Where mix.exs takes the dependency from elsewhere, or does not name it at all, that
 * there is no entry and no folder of it only follows.
 */
function told(failing: readonly Proof[], isElsewhere: boolean): readonly Problem[] {
  const unknown = [1, 2].every((number) => failing.some((proof) => proof.number === number))
  const causes = failing.filter(
    ({ number, elsewhere: follows }) => follows !== true || asksMixExs.has(number) || !(isElsewhere || unknown)
  )
  return causes.flatMap(({ problem }) => problem ?? [])
}

function offerBypass(problem: Problem): Problem {
  if (problem.code !== 'dependency-not-from-hex') return problem
  return {
    ...problem,
    hint: `${problem.hint} To leave it so for some days, give inputs bypass-reason and bypass-until.`
  }
}

function missingEnvironment(name: string, { only, proof }: MixExsProof): readonly Problem[] {
  if (only === undefined || only.includes('prod')) return []
  return [
    {
      code: 'dependency-environment',
      message: `${name} is a dependency only in ${only.join(' and ')}: a build for prod does not have it.`,
      hint: 'Take `only:` out of its entry in mix.exs, unless nothing but tests and development uses it.',
      ...(proof.file === undefined ? {} : { file: proof.file }),
      ...(proof.line === undefined ? {} : { line: proof.line })
    }
  ]
}
