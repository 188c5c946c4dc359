import { gunzipSync } from 'node:zlib'
import type { HexPackage, HexRetirement } from '../shared/hex/hex-api.ts'
import { bytesOf, messagesOf, numberOf, ProtobufFault, readFields, textOf, type WireField } from './protobuf.ts'

/** What the registry tells resolvers of a package (hexpm/specifications, registry-v2; hex_core, hex_pb_package.proto). */
export interface RegistryPackage {
  readonly name: string
  /** `hexpm`, or the organization. */
  readonly repository: string
  readonly releases: readonly RegistryRelease[]
}

export interface RegistryRelease {
  readonly version: string
  /** Lower-case hex. */
  readonly innerChecksum: string
  /** Lower-case hex; absent in very old objects. */
  readonly outerChecksum?: string
  readonly retirement?: HexRetirement
  /** Milliseconds since the epoch. */
  readonly publishedAt?: number
}

/** Largest object after unpacking; packages with a thousand releases have some hundred KiB. Bytes. */
const largestObject = 32 * 1024 * 1024

/**
 * Reads a package's registry object: gzip, then `Signed { payload, signature }`, then `Package`. It must say of itself
 * that it is of this package and repository, as Hex asks (hex_registry.erl `decode_package`): a mirror could else answer
 * with another's. The signature is not verified: it vouches for Hex to those who resolve, and only with Hex's public key,
 * while what is compared here is the checksum of bytes that this run knows itself.
 * @returns the object, or why it is none
 */
export function readRegistryObject(
  object: Buffer,
  { name, organization }: HexPackage
): { readonly package: RegistryPackage } | { readonly fault: string } {
  let unpacked: Buffer
  try {
    unpacked = gunzipSync(object, { maxOutputLength: largestObject })
  } catch {
    return { fault: 'it cannot be unpacked (gzip)' }
  }
  try {
    const payload = bytesOf(readFields(unpacked), signed.payload)
    if (payload === undefined) return { fault: 'it has no payload' }
    const found = readPackage(readFields(payload))
    const repository = organization ?? 'hexpm'
    if (found.name !== name || found.repository !== repository) {
      const other = JSON.stringify(`${found.repository}/${found.name}`.slice(0, 100))
      return { fault: `it is of ${other}, not of ${repository}/${name}` }
    }
    return { package: found }
  } catch (error) {
    if (error instanceof ProtobufFault) return { fault: error.message }
    throw error
  }
}

// Field numbers of the messages.
const signed = { payload: 1 } as const
const pkg = { releases: 1, name: 2, repository: 3 } as const
const release = { version: 1, innerChecksum: 2, retired: 4, outerChecksum: 5, publishedAt: 7 } as const
const retirementStatus = { reason: 1, message: 2 } as const
const timestamp = { seconds: 1, nanos: 2 } as const

/** `RetirementReason`, by number. */
const reasons = ['other', 'invalid', 'security', 'deprecated', 'renamed'] as const

function readPackage(fields: readonly WireField[]): RegistryPackage {
  return {
    name: required(textOf(fields, pkg.name), 'name'),
    repository: required(textOf(fields, pkg.repository), 'repository'),
    releases: messagesOf(fields, pkg.releases).map(readRelease)
  }
}

function readRelease(fields: readonly WireField[]): RegistryRelease {
  const outerChecksum = bytesOf(fields, release.outerChecksum)
  const [retirement] = messagesOf(fields, release.retired).slice(-1)
  const [publishedAt] = messagesOf(fields, release.publishedAt).slice(-1)
  return {
    version: required(textOf(fields, release.version), 'version'),
    innerChecksum: required(bytesOf(fields, release.innerChecksum), 'inner checksum').toString('hex'),
    ...(outerChecksum === undefined ? {} : { outerChecksum: outerChecksum.toString('hex') }),
    ...(retirement === undefined ? {} : { retirement: readRetirement(retirement) }),
    ...(publishedAt === undefined ? {} : { publishedAt: readTimestamp(publishedAt) })
  }
}

function readRetirement(fields: readonly WireField[]): HexRetirement {
  const message = textOf(fields, retirementStatus.message)
  return {
    reason: reasons[numberOf(fields, retirementStatus.reason) ?? 0] ?? 'other',
    ...(message === undefined || message === '' ? {} : { message })
  }
}

function readTimestamp(fields: readonly WireField[]): number {
  return (
    (numberOf(fields, timestamp.seconds) ?? 0) * 1000 + Math.floor((numberOf(fields, timestamp.nanos) ?? 0) / 1_000_000)
  )
}

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new ProtobufFault(`it has no ${field}`)
  return value
}
