import { gzipSync } from 'node:zlib'

/** A release as the registry has it; checksums in hex. */
export interface RegistryReleaseFields {
  readonly version: string
  readonly inner?: string
  readonly outer?: string | undefined
  readonly retired?: { readonly reason: number; readonly message?: string }
  /** Seconds since the epoch. */
  readonly publishedAt?: number
}

/** One field of a protocol buffer: text, bytes or a message by length, numbers as varints. */
export function field(number: number, value: string | Buffer | number): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

/** `Package` as Hex writes it, unsigned and unpacked. */
export function packageMessage(
  releases: readonly RegistryReleaseFields[],
  { name = 'demo', repository = 'hexpm' }: { readonly name?: string; readonly repository?: string } = {}
): Buffer {
  return Buffer.concat([
    ...releases.map((release) => field(1, releaseMessage(release))),
    field(2, name),
    field(3, repository)
  ])
}

function releaseMessage({
  version,
  inner = '11'.repeat(32),
  outer,
  retired,
  publishedAt
}: RegistryReleaseFields): Buffer {
  const dependency = Buffer.concat([field(1, 'ecto'), field(2, '~> 3.0'), field(3, 1), field(5, 'hexpm')])
  return Buffer.concat([
    field(1, version),
    field(2, Buffer.from(inner, 'hex')),
    field(3, dependency),
    ...(retired === undefined
      ? []
      : [
          field(
            4,
            Buffer.concat([
              field(1, retired.reason),
              ...(retired.message === undefined ? [] : [field(2, retired.message)])
            ])
          )
        ]),
    ...(outer === undefined ? [] : [field(5, Buffer.from(outer, 'hex'))]),
    ...(publishedAt === undefined ? [] : [field(7, Buffer.concat([field(1, publishedAt), field(2, 5_000_000)]))])
  ])
}

/** The object as it is served: gzip of `Signed`. The signature is not one. */
export function registryObject(message: Buffer): Buffer {
  return gzipSync(Buffer.concat([field(1, message), field(2, Buffer.alloc(256, 7))]))
}
