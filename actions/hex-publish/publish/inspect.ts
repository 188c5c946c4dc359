import { basename } from 'node:path'
import { createHexApi, type HexApi, type HexPackage } from '../../shared/hex/hex-api.ts'
import type { Problem } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { hexCredentials } from '../credentials.ts'
import { checkPolicy } from '../policy.ts'
import { readTarball, type Tarball } from '../tarball.ts'
import type { Toolchain } from '../toolchain.ts'
import { missingKey } from './api-key.ts'
import { comparePublished, findDocs, type DocsFound } from './docs.ts'
import { refusedKey } from './early-key-check.ts'
import { noFindings, noted, type Findings } from './findings.ts'
import { lookAtHex, nothingKnown, type HexState } from './hex-state.ts'
import type { Inputs } from './inputs.ts'
import { openProject, type OpenProject } from './open-project.ts'
import { checkDependencies, readProjectOrganization, type ProjectOrganization } from './project-text.ts'
import { readTarballFile, type TarballFile } from './tarball-file.ts'

/** All that is known before anything is decided. */
export interface Facts extends HexState {
  /** When this was found out, by Hex's clock where it told. Milliseconds since the epoch. */
  readonly now: number
  /** Hex's API with the key of the run, where it has one. The whole run asks through it, so that it tells things once. */
  readonly api: HexApi
  /** Absent in mode docs where a name was given, and where it could not be read. */
  readonly tarball: Tarball | undefined
  /** Absolute. */
  readonly tarballPath: string | undefined
  /** Absent where the project does not say, or is not there. */
  readonly projectOrganization: ProjectOrganization | undefined
  /** What the project was built with. */
  readonly versions: Toolchain['versions'] | undefined
  /** What the build tool warned of; nobody else sees its log. */
  readonly buildWarnings: readonly string[]
  readonly docs: DocsFound
  /** How the published docs compare with ours. */
  readonly publishedDocs: 'equal' | 'other' | 'not compared'
  readonly findings: Findings
}

/**
 * Checks the key, builds or reads the tarball, and reads what Hex has. Writes nothing.
 * @throws {ActionError} where it would be pointless to build: no key, a refused one, no project, no toolchain
 */
export async function inspect(inputs: Inputs, world: World): Promise<Facts> {
  const { wanted, mode, source } = inputs
  if (wanted === undefined) throw new Error('inspect needs inputs without problems')
  const findings = noFindings()
  const api = connect(inputs, world)
  const needsTarball = mode === 'publish' || source.kind === 'tarball' || wanted.name === undefined
  const needsDocs = inputs.docs !== 'false' && inputs.docsFolder === undefined
  const builds = source.kind === 'project' && (needsTarball || needsDocs)
  const built = builds ? await openProject(inputs, world, () => keyProblems(inputs, api)) : undefined
  const file = needsTarball ? await noted(findings, () => takeTarball(inputs, built)) : undefined
  const tarball = file && (await readTaken(file, findings))
  const name = tarball?.metadata.name ?? wanted.name
  // As the package spells it: the tag v1.0.0-rc1 is that of 1.0.0-rc.1 too.
  const version = tarball?.metadata.version ?? wanted.version
  const about =
    name === undefined
      ? nothingKnown
      : await lookAtHex({ api, inputs, world, findings }, named(name, inputs), tarball, version)
  findings.problems.push(...(await holdToPolicy(inputs, about, tarball)))
  if (mode === 'publish' && tarball !== undefined) checkDependencies(inputs, tarball, findings)
  const hasDocs = about.remote?.release?.hasDocs === true
  // Docs that are there already need not be built again, unless they may be those of a release that was replaced; a dry
  // run builds them for the job that publishes. A ready folder costs nothing to compare.
  const wantsDocs = mode === 'docs' || inputs.dryRun || inputs.replace || about.differs || !hasDocs
  const docs = wantsDocs ? await noted(findings, () => findDocs(inputs, built?.docs, tarball, findings)) : undefined
  return {
    now: api.lastAnswered() ?? world.clock.now(),
    api,
    tarball,
    tarballPath: file?.path,
    projectOrganization: readProjectOrganization(inputs, findings),
    versions: built?.versions,
    buildWarnings: file?.warnings ?? [],
    docs: docs ?? { kind: 'none', why: 'there is none' },
    publishedDocs: await comparePublished({ api, inputs, world, findings }, about, version, docs),
    findings,
    ...about
  }
}

function connect({ apiKey }: Inputs, world: World): HexApi {
  const credential = hexCredentials({ apiKey }, world.secrets)
  return createHexApi(world.http, {
    ...(credential.kind === 'none' ? {} : { key: credential.authorization }),
    log: world.log
  })
}

/** Why no key, or this one, cannot publish whatever is built. */
async function keyProblems({ dryRun, apiKey, folder, shownFolder }: Inputs, api: HexApi): Promise<readonly Problem[]> {
  if (apiKey !== undefined) return refusedKey(api)
  return dryRun ? [] : [missingKey(`the package in ${shownFolder === '.' ? basename(folder) : shownFolder}`)]
}

function named(name: string, { organization }: Inputs): HexPackage {
  return { name, ...(organization === undefined ? {} : { organization }) }
}

async function takeTarball({ source, workspace }: Inputs, built: OpenProject | undefined): Promise<TarballFile> {
  if (source.kind === 'tarball') return readTarballFile(workspace, source.pattern)
  if (built === undefined) throw new Error('a project is open where there is no ready tarball')
  return built.tarball()
}

async function readTaken({ bytes, shown }: TarballFile, findings: Findings): Promise<Tarball | undefined> {
  const { tarball, problems, warnings } = await readTarball(bytes, shown)
  findings.problems.push(...problems)
  findings.warnings.push(...warnings)
  return tarball
}

/** In mode docs the tarball only names the release: whether it is good was asked when it was published. */
async function holdToPolicy(
  { mode, requiredFiles, forbiddenFiles, organization, apiKey }: Inputs,
  { remote }: HexState,
  tarball: Tarball | undefined
): Promise<readonly Problem[]> {
  if (mode === 'docs' || tarball === undefined) return []
  return checkPolicy(tarball, {
    requiredFiles,
    ...(forbiddenFiles === undefined ? {} : { forbiddenFiles }),
    ...(organization === undefined ? {} : { organization }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(remote === undefined ? {} : { exists: remote.package !== undefined })
  })
}
