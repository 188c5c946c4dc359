import { isElixirRequirement, matchesRequirement, parseElixirVersion } from '../elixir-version.ts'
import type { Doubt } from '../elixir-doubts.ts'
import type { MixDependency } from '../mix-dependencies.ts'
import type { MixProject } from '../mix-project.ts'
import { disproved, elsewhere, notAvailable, proved, type Proof, type Wanted } from './proof.ts'

export interface MixExsProof {
  readonly proof: Proof
  /** Whether only running mix.exs tells; proof 3 then decides. */
  readonly conditional: boolean
  /** The package's name on Hex. */
  readonly packageName: string
  /** The environments that have the dependency; undefined where it is all of them, or not known. */
  readonly only: readonly string[] | undefined
}

interface Definition extends MixDependency {
  readonly file: string
}

/**
 * Proof 2: every definition of the dependency in mix.exs, and in those of an umbrella's applications, asks Hex for it.
 *
 * @param lockedVersion which the requirements must take, where one is locked
 */
export function proveMixExs(wanted: Wanted, project: MixProject, lockedVersion: string | undefined): MixExsProof {
  const { name } = wanted
  const definitions = project.sources.flatMap(({ file, mixExs }) =>
    mixExs.dependencies.filter((each) => each.name === name).map((each): Definition => ({ ...each, file }))
  )
  const [first] = definitions
  const packageName = first?.package ?? name
  const only = first?.only
  const certain = (proof: Proof): MixExsProof => ({ proof, conditional: false, packageName, only })
  if (project.sources.length === 0) {
    return certain(
      notAvailable(
        2,
        'There is no mix.exs that can be read.',
        'Name the folder of the Mix project (input path of hex-publish, mix-projects of migration-guard).'
      )
    )
  }
  const doubt = doubtOf(project, definitions)
  const settled = definitions.filter(({ conditional, reached }) => conditional === undefined && reached)
  for (const definition of settled) {
    const fault = faultOf(wanted, definition, lockedVersion)
    if (fault !== undefined) return { ...certain(fault), conditional: doubt !== undefined }
  }
  if (doubt !== undefined && (first !== undefined || project.sources.some(({ mixExs }) => mixExs.doubts.length > 0))) {
    const { file, line, why } = doubt
    const detail = `Whether ${name} comes from Hex, only running mix.exs tells: ${why}.`
    return {
      proof: notAvailable(2, detail, conditionalHint(name), { file, line }),
      conditional: true,
      packageName,
      only
    }
  }
  if (first === undefined) {
    return certain(
      notAvailable(
        2,
        `No mix.exs defines ${name}.`,
        `Write \`{:${name}, "~> …"}\` in mix.exs, even where another dependency brings it; or check how the name of the dependency is spelled.`,
        { file: project.sources[0]?.file ?? 'mix.exs' }
      )
    )
  }
  const requirements = settled.map(({ requirement }) => requirement).join(', ')
  const notes = [
    ...(settled.some(({ override }) => override) ? ['overrides what other dependencies ask for'] : []),
    ...settled.flatMap(({ only }) => (only === undefined ? [] : [`only in ${only.join(', ')}`]))
  ]
  return certain(
    proved(2, `${packageName} ${requirements}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}.`, {
      file: first.file,
      line: first.line
    })
  )
}

function conditionalHint(name: string): string {
  return `Run this where mix is on PATH, after \`mix deps.get\`, so that Mix itself can be asked; or write \`{:${name}, "~> …"}\` plainly in the list.`
}

const sourceWords: Readonly<Partial<Record<MixDependency['source'], string>>> = {
  path: 'a path',
  umbrella: 'an application of the umbrella',
  git: 'a git repository'
}

/** What a definition that is certain says against Hex. */
function faultOf(wanted: Wanted, definition: Definition, lockedVersion: string | undefined): Proof | undefined {
  const { name, file, line, source, requirement, repository } = definition
  const place = { file, line }
  const other = sourceWords[source]
  if (other !== undefined) {
    return elsewhere(
      disproved(
        2,
        `${name} comes from ${other}, not from Hex.`,
        {
          code: 'dependency-not-from-hex',
          hint: `Write \`{:${name}, "~> …"}\`, run \`mix deps.get\` and commit mix.exs and the lock file.`
        },
        place
      )
    )
  }
  if (repository !== wanted.repository) {
    return disproved(
      2,
      `${name} is asked for from the repository ${repository ?? ''}, not from ${wanted.repository}.`,
      {
        code: 'dependency-not-from-hex',
        hint: 'Make input organization and the option `organization:` in mix.exs say the same.'
      },
      place
    )
  }
  if (requirement === undefined || !isElixirRequirement(requirement)) {
    return disproved(
      2,
      requirement === undefined
        ? `${name} has no requirement.`
        : `${JSON.stringify(requirement)}, the requirement of ${name}, is none that Elixir reads.`,
      { code: 'dependency-requirement', hint: `Write which versions are wanted, such as \`{:${name}, "~> 0.1"}\`.` },
      place
    )
  }
  const locked = lockedVersion === undefined ? undefined : parseElixirVersion(lockedVersion)
  if (locked !== undefined && !matchesRequirement(locked, requirement)) {
    return disproved(
      2,
      `${name} is locked at ${lockedVersion ?? ''}, which does not meet ${JSON.stringify(requirement)}.`,
      { code: 'dependency-stale', hint: 'Run `mix deps.get` and commit the lock file.' },
      place
    )
  }
  return undefined
}

/** The first reason why the definitions that were found may not be what Mix sees. */
function doubtOf(
  project: MixProject,
  definitions: readonly Definition[]
): (Doubt & { readonly file: string }) | undefined {
  for (const { conditional, file } of definitions) if (conditional !== undefined) return { ...conditional, file }
  const hidden = definitions.find(({ reached }) => !reached)
  if (hidden !== undefined) {
    return {
      why: 'a definition stands where the text does not show how it gets into `deps`',
      line: hidden.line,
      file: hidden.file
    }
  }
  for (const { file, mixExs } of project.sources) {
    const [doubt] = mixExs.doubts
    if (doubt !== undefined) return { ...doubt, file }
  }
  return undefined
}
