import deprecated from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import current from 'spdx-license-ids/index.json' with { type: 'json' }
import { isElixirRequirement, isHexVersion, parseElixirVersion } from '../shared/hex/elixir-version.ts'
import type { PackageMetadata, PackageRequirement } from '../shared/hex/package-metadata.ts'
import { isHexPackageName } from '../shared/hex/package-name.ts'
import type { Problem } from '../shared/problem.ts'
import { reservedNames } from './reserved-names.ts'

interface Destination {
  readonly organization?: string
  readonly exists?: boolean
}

/**
 * What hex.pm would answer 422 to in the metadata of a release, all at once and before anything is sent: the rules of
 * package.ex, package_metadata.ex, release_metadata.ex, requirement.ex and version.ex in hexpm.
 * @param file how problems name the tarball
 */
export function checkMetadata(metadata: PackageMetadata, file: string, destination: Destination): Problem[] {
  return [
    ...checkName(metadata, destination),
    ...checkVersion(metadata),
    ...checkDescription(metadata, destination),
    ...checkLicenses(metadata, destination),
    ...checkLinks(metadata),
    ...checkBuild(metadata),
    ...metadata.requirements.flatMap((requirement) => checkRequirement(requirement, destination))
  ].map((problem) => ({ ...problem, file }))
}

function checkName({ name }: PackageMetadata, { exists = false }: Destination): Problem[] {
  if (!isHexPackageName(name)) {
    return [
      {
        code: 'package-name',
        message: `${quoted(name)} is no name that Hex takes: lower-case letters, digits and underscores, a letter first, two characters or more.`,
        hint: 'Set `name` under `package` in mix.exs; the name of the application can stay as it is.'
      }
    ]
  }
  if (exists || !reservedNames.has(name)) return []
  return [
    {
      code: 'package-name',
      message: `${quoted(name)} is a name that hex.pm reserves.`,
      hint: 'Publish under another name: set `name` under `package` in mix.exs; the name of the application can stay as it is.'
    }
  ]
}

function checkVersion({ version }: PackageMetadata): Problem[] {
  if (isHexVersion(version)) return []
  const parsed = parseElixirVersion(version)
  const why =
    parsed === undefined
      ? 'it is not MAJOR.MINOR.PATCH with whole numbers (SemVer 2.0)'
      : parsed.build.length > 0
        ? 'Hex takes no build after `+`'
        : 'its numbers may go up to 99999999999999, and its pre-release have 64 characters'
  return [
    {
      code: 'package-version',
      message: `${quoted(version)} is no version that hex.pm takes: ${why}.`,
      hint: 'Change `version` in mix.exs, app.src or gleam.toml, and tag the commit that has the change.'
    }
  ]
}

function checkDescription({ description = '' }: PackageMetadata, { organization }: Destination): Problem[] {
  if (organization !== undefined || description.trim() !== '') return []
  return [
    {
      code: 'package-incomplete',
      message: 'The package has no description, and hex.pm asks every public package for one.',
      hint: 'Set `description` in the project of mix.exs, in app.src or in gleam.toml: a sentence or a few.'
    }
  ]
}

function checkLicenses({ licenses }: PackageMetadata, { organization }: Destination): Problem[] {
  // hex.pm looks at the licences of public packages only.
  if (organization !== undefined) return []
  if (licenses.length === 0) {
    return [
      {
        code: 'package-incomplete',
        message: 'The package names no licence, and hex.pm asks every public package for one.',
        hint: 'Set `licenses: ["MIT"]`, or what it is, under `package` in mix.exs; app.src and gleam.toml have `licenses` and `licences`.'
      }
    ]
  }
  return licenses
    .filter((license) => !isLicense(license))
    .map((license) => {
      const near = [...spdx].find((id) => id.toLowerCase() === license.trim().replaceAll(' ', '-').toLowerCase())
      return {
        code: 'package-license',
        message: `${quoted(license)} is no licence that hex.pm takes.`,
        hint: `${near === undefined ? 'Name each licence by its SPDX identifier (spdx.org/licenses), one per item of the list' : `Write "${near}"`}; a licence of your own is "LicenseRef-" and a name.`
      }
    })
}

/** SPDX, with the old spellings that hex_core's own list (hex_licenses.erl) still has; that list may be older. */
const spdx: ReadonlySet<string> = new Set([
  ...current,
  ...deprecated,
  ...['GPL-1.0+', 'GPL-2.0+', 'GPL-3.0+', 'LGPL-2.0+', 'LGPL-2.1+', 'LGPL-3.0+']
])

function isLicense(text: string): boolean {
  return spdx.has(text) || /^LicenseRef-[A-Za-z0-9.-]+$/.test(text)
}

function checkLinks({ links }: PackageMetadata): Problem[] {
  return links
    .filter(([, url]) => !/^https?:\/\/[^/?#]/i.test(url))
    .map(([name, url]) => ({
      code: 'package-link',
      message: `The link ${quoted(name)} leads to ${quoted(url)}, and hex.pm takes http and https URLs with a host only.`,
      hint: 'Write the whole URL in `links` under `package`, beginning with https://.'
    }))
}

function checkBuild({ app, buildTools, files, elixir }: PackageMetadata): Problem[] {
  const missing = [
    ...(app === undefined || app === '' ? ['app'] : []),
    ...(buildTools.length === 0 ? ['build_tools'] : []),
    ...(files.length === 0 ? ['files'] : [])
  ]
  const problems = missing.map((key) => ({
    code: 'package-incomplete',
    message: `The metadata has no "${key}", and hex.pm refuses a release without.`,
    hint: 'Build the tarball with `mix hex.build`, `rebar3 hex build` or `gleam export hex-tarball`, which fill it in; an empty `files` means that no pattern of `files` matches anything.'
  }))
  const fault = elixir === undefined ? undefined : requirementFault(elixir)
  if (fault === undefined) return problems
  return [
    ...problems,
    {
      code: 'package-requirement',
      message: `The package requires Elixir ${quoted(elixir ?? '')}, ${fault}.`,
      hint: 'Write `elixir` in the project of mix.exs as a requirement such as "~> 1.14".'
    }
  ]
}

function checkRequirement(needed: PackageRequirement, { organization }: Destination): Problem[] {
  const { name, app, requirement, repository = 'hexpm' } = needed
  const problem = (message: string, hint: string): Problem => ({ code: 'package-requirement', message, hint })
  const problems: Problem[] = []
  if (requirement === undefined || requirement === 'nil') {
    problems.push(
      problem(
        `The package requires ${quoted(name)} without saying which versions, which hex.pm refuses.`,
        `Give the dependency a requirement, such as {:${name}, "~> 1.0"}. If it has \`path:\` or \`git:\` beside \`hex:\`, the tests ran with another ${name} than users get: take that out too.`
      )
    )
  } else {
    const fault = requirementFault(requirement)
    if (fault !== undefined) {
      problems.push(
        problem(
          `The package requires ${quoted(name)} ${quoted(requirement)}, ${fault}.`,
          'Write a requirement of Elixir’s Version module, such as "~> 1.0" or ">= 1.0.0 and < 3.0.0".'
        )
      )
    }
  }
  if (!isHexPackageName(name) || app === '' || app === undefined) {
    problems.push(
      problem(
        `The package requires ${quoted(name)}${app === undefined || app === '' ? ' without naming its application' : ''}, which hex.pm refuses.`,
        'Name the dependency as it is called on Hex, with `hex:` where the application is called otherwise, and build again with the build tool.'
      )
    )
  }
  if (repository !== 'hexpm' && repository !== organization) {
    problems.push(
      problem(
        `The package requires ${quoted(name)} from the repository ${quoted(repository)}, and ${organization === undefined ? 'a public package may require public packages only' : `a package of ${organization} may require packages of ${organization} and public ones only`}.`,
        `Publish ${name} where this package goes, or set \`organization\` if this package belongs to ${repository}.`
      )
    )
  }
  return problems
}

/** In words that follow the requirement. */
function requirementFault(requirement: string): string | undefined {
  if (!isElixirRequirement(requirement)) return 'which is no requirement'
  return requirement.includes('!=') ? 'and hex.pm takes no != in requirements' : undefined
}

function quoted(text: string): string {
  return JSON.stringify(text.length <= 200 ? text : `${text.slice(0, 200)}…`)
}
