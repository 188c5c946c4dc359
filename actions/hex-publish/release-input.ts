import { isHexVersion } from '../shared/hex/elixir-version.ts'
import { isHexPackageName } from '../shared/hex/package-name.ts'
import type { InputReader } from '../shared/inputs.ts'
import type { ReleaseTag } from '../shared/release-tag.ts'

/** Reads `package`, a package's name on Hex. A bad one goes to the reader. */
export function readPackageName(reader: InputReader): string | undefined {
  const name = reader.text('package')
  if (name === undefined || isHexPackageName(name)) return name
  reader.reject({
    code: 'package-name',
    message: `Input package is ${JSON.stringify(name)}, which is no name of a package on Hex.`,
    hint: 'Write the name alone: small letters, digits and "_", a letter first.'
  })
  return undefined
}

/** What Hex takes as the name of an organization (hexpm, lib/hexpm/accounts/organization.ex). */
const organizationPattern = /^[a-z0-9_]{3,}$/

/** Reads `organization`; without it, a package is public. A bad one goes to the reader. */
export function readOrganization(reader: InputReader): string | undefined {
  const organization = reader.text('organization')
  if (organization === undefined) return undefined
  const fault = !organizationPattern.test(organization)
    ? 'which is no name of an organization'
    : organization === 'hexpm'
      ? 'the public repository, which is no organization'
      : undefined
  if (fault === undefined) return organization
  reader.reject({
    code: 'organization-name',
    message: `Input organization is ${JSON.stringify(organization)}, ${fault}.`,
    hint: 'Write the name as in the address of the organization’s page on hex.pm; leave the input out for a public package.'
  })
  return undefined
}

/** Reads `version`, the version of a release that is out. A bad one goes to the reader. */
export function readReleasedVersion(reader: InputReader): string | undefined {
  const version = reader.text('version')
  if (version === undefined || isHexVersion(version)) return version
  reader.reject({
    code: 'version-not-hex',
    message: `Input version is ${JSON.stringify(version)}, which is no version on Hex.`,
    hint: 'Write the version as Hex shows it: 1.2.3 or 1.2.3-rc.1, without "v" and without a build part.'
  })
  return undefined
}

/** The tag's version as Hex spells it. A tag without one goes to the reader. */
export function hexVersionOf(reader: InputReader, tag: ReleaseTag): string | undefined {
  const spelling = tag.spellings.hex
  if ('version' in spelling) return spelling.version
  reader.reject({
    code: 'tag-no-hex-version',
    message: `The tag "${tag.raw}" has no version that Hex takes: ${spelling.reason}`,
    hint: 'Name the tag after a version with three numbers, such as v1.2.3 or v1.2.3-rc.1.'
  })
  return undefined
}
