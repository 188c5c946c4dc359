import { comparePep440, formatPep440, parsePep440 } from '../shared/pep440.ts'
import type { Plan, Step } from '../shared/phases.ts'
import type { Problem } from '../shared/problem.ts'
import type { Distribution } from './distribution.ts'
import type { Facts } from './inspect.ts'
import type { IndexedFile } from './index-api.ts'
import { isWarehouse } from './package-index.ts'
import { fileNameOf, normalizeName } from './project-name.ts'

export interface ReleasePlan extends Plan {
  readonly name: string
  /** As the files spell it, and so the index: `1.0.0` where the tag is `v1`. */
  readonly version: string
  /** What is to be uploaded, in this order: a wheel, the other wheels, the sdist. */
  readonly uploads: readonly Distribution[]
  /** What is there already, byte for byte. */
  readonly unchanged: readonly Distribution[]
}

/** Decides what to upload, or tells every problem at once. */
export function plan(
  inputs: { readonly dryRun: boolean },
  facts: Facts
): { plan: ReleasePlan } | { problems: readonly Problem[] } {
  const distributions = facts.files.flatMap(({ distribution }) => (distribution === undefined ? [] : [distribution]))
  const uploads = uploadOrder(distributions.filter(({ filename }) => !facts.there.has(filename)))
  const unchanged = distributions.filter(({ filename, sha256 }) => facts.there.get(filename) === sha256)
  const problems = [
    ...facts.problems,
    ...checkFolder(facts),
    ...facts.files.flatMap((file) => file.problems),
    ...checkTogether(distributions, facts),
    ...checkIndexed(distributions, uploads, facts),
    ...(uploads.length === 0 || inputs.dryRun ? [] : checkCredentials(facts))
  ]
  const [first] = distributions
  if (problems.length > 0 || first === undefined) return { problems }
  const { index, why } = facts.destination
  const steps: Step[] = [
    ...uploads.map((file): Step => ({
      kind: 'create',
      target: file.filename,
      wanted: `sha256 ${file.sha256}`,
      why: `not on ${index.label}; ${why}`
    })),
    ...unchanged.map((file): Step => ({
      kind: 'unchanged',
      target: file.filename,
      there: `sha256 ${file.sha256}`,
      wanted: `sha256 ${file.sha256}`,
      why: `the same bytes are on ${index.label}`
    }))
  ]
  return { plan: { steps, uploads, unchanged, name: first.name, version: formatPep440(first.version) } }
}

/**
 * One wheel first and alone: it makes the release, and parallel first files would race for that. It is the largest, so
 * that a limit on size refuses it before anything else is public. The sdist last: while it alone is there, installers
 * would build from source.
 */
function uploadOrder(distributions: readonly Distribution[]): readonly Distribution[] {
  const rank = ({ kind }: Distribution): number => (kind === 'wheel' ? 0 : 1)
  return distributions.toSorted((a, b) => rank(a) - rank(b) || b.size - a.size || (a.filename < b.filename ? -1 : 1))
}

function checkFolder({ files, strays, problems, shownDir }: Facts): Problem[] {
  const found: Problem[] = strays.map((name) => ({
    code: 'stray-file',
    message: `${shownDir}/${name} is neither a wheel (.whl) nor an sdist (.tar.gz).`,
    hint: name.endsWith('/')
      ? 'Distributions must lie in the folder itself. With actions/download-artifact set merge-multiple: true.'
      : 'Keep only what is to be published in this folder, or point packages-dir at another one.',
    file: `${shownDir}/${name}`
  }))
  if (files.length === 0 && problems.every(({ code }) => code !== 'packages-dir')) {
    found.push({
      code: 'no-distributions',
      message: `There is no wheel and no sdist in ${shownDir}.`,
      hint: 'Build in an earlier step (python -m build), or download the artifact with the distributions into this folder.'
    })
  }
  return found
}

function checkTogether(distributions: readonly Distribution[], { destination, shownDir }: Facts): Problem[] {
  const problems: Problem[] = []
  const names = [...new Set(distributions.map(({ name }) => normalizeName(name)))]
  if (names.length > 1) {
    problems.push({
      code: 'several-projects',
      message: `${shownDir} holds distributions of ${names.length} projects: ${names.join(', ')}.`,
      hint: 'Build each project into a folder of its own, and run this action once for each.'
    })
  }
  const [name] = names
  const { taggedPackage } = destination
  if (name !== undefined && names.length === 1 && taggedPackage !== undefined && !isNamed(name, taggedPackage)) {
    problems.push({
      code: 'tag-other-package',
      message: `The tag "${destination.tag}" names the package "${taggedPackage}", and ${shownDir} holds distributions of ${name}.`,
      hint: `Build the package that the tag names, or limit the workflow to this project's tags. If the tag is right, say what stands before its version: \`tag-prefix: '${destination.tag.slice(0, destination.tag.indexOf(taggedPackage) + taggedPackage.length + 1)}'\`.`
    })
  }
  const sdists = distributions.filter(({ kind }) => kind === 'sdist')
  if (names.length === 1 && sdists.length > 1) {
    problems.push({
      code: 'several-sdists',
      message: `${shownDir} holds ${sdists.length} sdists: ${sdists.map(({ filename }) => filename).join(', ')}.`,
      hint: 'A release has one sdist. Empty the folder before building.'
    })
  }
  for (const { filename, version } of distributions) {
    if (comparePep440(version, destination.version) === 0) continue
    problems.push({
      code: 'version-mismatch',
      message: `${filename} is version ${formatPep440(version)}, and the tag "${destination.tag}" says ${formatPep440(destination.version)}.`,
      hint: 'Set the version in the project to that of the tag and build again, or tag the commit that has this version.',
      file: `${shownDir}/${filename}`
    })
  }
  return problems
}

/** A tag names the project whole, or by the last part of `@scope/name` or `folder/name`. */
function isNamed(project: string, taggedPackage: string): boolean {
  return [taggedPackage, taggedPackage.split('/').at(-1) ?? ''].some((name) => normalizeName(name) === project)
}

function checkIndexed(
  distributions: readonly Distribution[],
  uploads: readonly Distribution[],
  { destination, project, there, now, shownDir }: Facts
): Problem[] {
  const { index } = destination
  const problems: Problem[] = []
  for (const { filename, sha256 } of distributions) {
    const other = there.get(filename)
    if (other === undefined || other === sha256) continue
    problems.push({
      code: 'different-file',
      message: `${filename} is on ${index.label} already with other bytes: sha256 ${other} there, ${sha256} here.`,
      hint: 'A file on an index cannot be replaced. Publish the files that were built first (re-run failed jobs keeps them), or release a new version.',
      file: `${shownDir}/${filename}`
    })
  }
  if (project === undefined || uploads.length === 0) return problems
  const closed = closedStatus[project.status]
  if (closed !== undefined) {
    problems.push({
      code: `project-${project.status}`,
      message: `The project is ${project.status} on ${index.label}, and takes no files.`,
      hint: closed
    })
  }
  if (!isWarehouse(index)) return problems
  const [first] = distributions
  const released = first === undefined ? [] : project.files.filter((file) => isOf(file, first))
  const opened = Math.min(...released.map(({ uploaded }) => uploaded ?? Number.POSITIVE_INFINITY))
  if (now - opened > longestOpen) {
    problems.push({
      code: 'release-closed',
      message: `Version ${formatPep440(destination.version)} has been on ${index.label} since ${new Date(opened).toISOString().slice(0, 10)}, and a release takes new files for 14 days. Not there: ${uploads.map(({ filename }) => filename).join(', ')}.`,
      hint: 'Release a new version. Files that are there already can stay.'
    })
  }
  const otherSdist = released.find(({ filename }) => filename.endsWith('.tar.gz') || filename.endsWith('.zip'))
  const sdist = uploads.find(({ kind }) => kind === 'sdist')
  if (otherSdist !== undefined && sdist !== undefined) {
    problems.push({
      code: 'several-sdists',
      message: `${index.label} has the sdist ${otherSdist.filename} of this version, and takes no second one (${sdist.filename}).`,
      hint: 'Take the sdist out of the folder, or release a new version.',
      file: `${shownDir}/${sdist.filename}`
    })
  }
  return problems
}

/** PyPI's rule since July 2026 (pypi/warehouse `MAXIMUM_AGE_FOR_NEW_UPLOADS_DAYS`). */
const longestOpen = 14 * 24 * 60 * 60_000

/** Statuses of PEP 792 that take no uploads. */
const closedStatus: Readonly<Record<string, string>> = {
  archived: 'Unarchive it in the project’s settings, if it is to go on.',
  quarantined: 'An administrator of the index has put it under quarantine. Write to security@pypi.org.'
}

/** Whether a file on the index is of the same version. */
function isOf(file: IndexedFile, { name, version }: Distribution): boolean {
  const rest = file.filename.replace(/\.(?:whl|tar\.gz|zip)$/, '')
  const written = file.filename.endsWith('.whl')
    ? rest.split('-')[1]
    : fileNameOf(rest.slice(0, name.length)) === fileNameOf(name)
      ? rest.slice(name.length + 1)
      : undefined
  const parsed = written === undefined ? undefined : parsePep440(written)
  return parsed !== undefined && comparePep440(parsed, version) === 0
}

function checkCredentials({ destination: { index, credentials } }: Facts): Problem[] {
  if (credentials.kind !== 'none' || !isWarehouse(index)) return []
  return [
    {
      code: 'no-credentials',
      message: `There is no token for ${index.label}, and this job cannot prove who it is.`,
      hint:
        `Either trust this workflow on ${index.label} (docs.pypi.org/trusted-publishers) and give the job "permissions: id-token: write", ` +
        `or give an API token: \`${index.kind}-token: \${{ secrets.${index.kind.toUpperCase()}_TOKEN }}\`. Pull requests from forks get neither.`
    }
  ]
}
