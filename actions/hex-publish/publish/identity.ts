import type { Problem } from '../../shared/problem.ts'
import { sameVersion } from '../../shared/release-tag.ts'
import type { Facts } from './inspect.ts'
import type { Wanted } from './inputs.ts'

/**
 * Whether the tarball is the one that the tag, or the inputs, speak of: name, version, and the repository it is meant
 * for. Pure.
 */
export function checkIdentity(wanted: Wanted, facts: Facts): Problem[] {
  return [...checkVersion(wanted, facts), ...checkName(wanted, facts), ...checkOrganization(facts)]
}

function checkVersion({ tag, version }: Wanted, { tarball }: Facts): Problem[] {
  if (tarball === undefined) return []
  const there = tarball.metadata.version
  if (tag === undefined ? there === version : sameVersion(tag, there)) return []
  return [
    {
      code: 'version-mismatch',
      message: `${tarball.shown} is version ${there}, and ${tag === undefined ? `input version is ${version}` : `the tag "${tag.raw}" says ${version}`}.`,
      hint: 'Set the version in the project to that of the tag and build again, or tag the commit that has this version.',
      file: tarball.shown
    }
  ]
}

function checkName({ tag, name }: Wanted, { tarball, pkg }: Facts): Problem[] {
  const problems: Problem[] = []
  if (tarball !== undefined && name !== undefined && tarball.metadata.name !== name) {
    problems.push({
      code: 'other-package',
      message: `${tarball.shown} is the package ${tarball.metadata.name}, and input package is ${name}.`,
      hint: 'Take the input package away, or build the package that it names.',
      file: tarball.shown
    })
  }
  const there = pkg?.name
  if (there !== undefined && tag?.package !== undefined && !isNamed(there, tag.package)) {
    problems.push({
      code: 'tag-other-package',
      message: `The tag "${tag.raw}" names the package "${tag.package}", and what is to be published is ${there}.`,
      hint: `Build the package that the tag names, or limit the workflow to this package's tags. If the tag is right, say what stands before its version: \`tag-prefix: '${tag.prefix}'\`.`
    })
  }
  return problems
}

/** A tag names the package whole, or by the last part of `folder/name`; git users write `my-app` for `my_app`. */
function isNamed(name: string, taggedPackage: string): boolean {
  return [taggedPackage, taggedPackage.split('/').at(-1) ?? ''].some(
    (each) => each.toLowerCase().replaceAll('-', '_') === name
  )
}

/** The organization is in no tarball: the address alone decides, so it is compared with all else that says it. */
function checkOrganization({ pkg, projectOrganization, remote }: Facts): Problem[] {
  if (pkg === undefined) return []
  const { name, organization } = pkg
  const problems: Problem[] = []
  if (projectOrganization !== undefined && (projectOrganization.name ?? undefined) !== organization) {
    problems.push({
      code: 'organization-mismatch',
      message: `${projectOrganization.file} publishes to ${projectOrganization.name === undefined ? 'the public repository' : `the organization ${projectOrganization.name}`}, and input organization is ${organization ?? 'not given'}.`,
      hint: 'Let both say the same: a package that was meant to be private must not become public, nor the other way round. If this mix.exs is not the package’s, name the package’s folder in path.',
      file: projectOrganization.file
    })
  }
  const elsewhere = remote?.package === undefined ? (remote?.elsewhere ?? []) : []
  if (elsewhere.length === 0) return problems
  problems.push(
    organization === undefined
      ? {
          code: 'private-package-exists',
          message: `${name} is a private package of ${elsewhere.join(', ')} and no public one; without organization it would become public.`,
          hint: `Set \`organization: ${elsewhere[0] ?? ''}\`. If it is to become public, publish its first version by hand.`
        }
      : {
          code: 'public-package-exists',
          message: `There is a public package ${name} on Hex, and input organization is ${organization}.`,
          hint: `A build that forgets \`organization: "${organization}"\` would take the public one without a word. Give the private package another name, or leave organization out if the public one is meant.`
        }
  )
  return problems
}
