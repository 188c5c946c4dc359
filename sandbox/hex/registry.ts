import {
  findPackage,
  type HexState,
  type Package,
  type RegistryEntry,
  type RegistryRelease,
  type Release
} from './state.ts'

/** Enqueues the job that writes the package's registry object (`RegistryWorker.enqueue_package/1`). */
export function scheduleBuild(state: HexState, { repository, name }: Package, now: number): void {
  state.jobs.push({ at: now + state.settings.registryDelay, repository, name })
}

/**
 * Runs the jobs that are due. They read the packages as they are now, so they must run before the request that comes
 * next changes them.
 */
export function runJobs(state: HexState, now: number): void {
  if (!state.jobs.some(({ at }) => at <= now)) return
  const due = state.jobs.filter(({ at }) => at <= now)
  state.jobs = state.jobs.filter(({ at }) => at > now)
  for (const { repository, name } of due) build(state, repository, name)
}

/** Builds a package's object at once (`RegistryBuilder.package/1`), or deletes it with its package. */
export function build(state: HexState, repository: string, name: string): void {
  const others = state.registry.filter((entry) => entry.repository !== repository || entry.name !== name)
  const built = findPackage(state, repository, name)
  // A package that has no release yet stands in no registry.
  state.registry = built === undefined || built.releases.length === 0 ? others : [...others, entryOf(built)]
}

/** What resolvers see of a package. */
export function findEntry(state: HexState, repository: string, name: string): RegistryEntry | undefined {
  return state.registry.find((entry) => entry.repository === repository && entry.name === name)
}

/** Every entry of a repository, by name. */
export function entriesOf(state: HexState, repository: string): readonly RegistryEntry[] {
  return state.registry
    .filter((entry) => entry.repository === repository)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function entryOf({ repository, name, updatedAt, releases }: Package): RegistryEntry {
  return { repository, name, updatedAt, releases: releases.toReversed().map(registryRelease) }
}

function registryRelease(release: Release): RegistryRelease {
  return {
    version: release.version,
    innerChecksum: release.innerChecksum,
    outerChecksum: release.outerChecksum,
    publishedAt: release.insertedAt,
    retirement: release.retirement,
    dependencies: release.metadata.requirements
      .map(({ repository, name, requirement, optional, app }) => ({
        repository,
        package: name,
        requirement,
        optional,
        app
      }))
      .toSorted((a, b) => (`${a.repository} ${a.package}` < `${b.repository} ${b.package}` ? -1 : 1))
  }
}
