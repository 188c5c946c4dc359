import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { bytesField, numberField, packedField, readFields } from './protobuf.ts'
import { retirementReasons, type RegistryEntry, type RegistryRelease } from './state.ts'

/** The key that signs the registry, made at the first need and gone with the process. */
export interface RegistryKey {
  /** PEM, as `https://repo.hex.pm/public_key` gives it. */
  readonly publicKey: string
  /** gzip(Signed{payload, signature}), the form of every registry object (hex specifications, "Registry"). */
  seal(payload: Buffer): Buffer
  /** Signs a registry object of someone else again; `undefined` when the bytes are none. */
  reseal(object: Buffer): Buffer | undefined
}

/** 2048 bits as hex.pm's own; its making takes a fraction of a second. */
export function registryKey(): RegistryKey {
  let made: { readonly secret: KeyObject; readonly publicKey: string } | undefined
  const key = (): { readonly secret: KeyObject; readonly publicKey: string } => {
    if (made !== undefined) return made
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' }
    })
    const secret = createPrivateKey(privateKey)
    made = { secret, publicKey: createPublicKey(secret).export({ type: 'spki', format: 'pem' }).toString() }
    return made
  }
  const seal = (payload: Buffer): Buffer =>
    gzipSync(Buffer.concat([bytesField(1, payload), bytesField(2, sign('sha512', payload, key().secret))]))
  return {
    get publicKey() {
      return key().publicKey
    },
    seal,
    reseal(object) {
      const payload = payloadOf(object)
      return payload === undefined ? undefined : seal(payload)
    }
  }
}

function payloadOf(object: Buffer): Buffer | undefined {
  try {
    return readFields(gunzipSync(object))?.find(({ number }) => number === 1)?.bytes
  } catch {
    return undefined
  }
}

/** `hex_pb_package.proto`. */
export function packagePayload({ repository, name, releases }: RegistryEntry): Buffer {
  return Buffer.concat([
    ...releases.map((release) => bytesField(1, releaseMessage(release, repository))),
    bytesField(2, name),
    bytesField(3, repository)
  ])
}

function releaseMessage(release: RegistryRelease, repository: string): Buffer {
  const { version, innerChecksum, outerChecksum, publishedAt, retirement, dependencies } = release
  return Buffer.concat([
    bytesField(1, version),
    bytesField(2, Buffer.from(innerChecksum, 'hex')),
    ...dependencies.map((each) => bytesField(3, dependencyMessage(each, repository))),
    ...(retirement === null
      ? []
      : [
          bytesField(
            4,
            Buffer.concat([
              numberField(1, retirementReasons.indexOf(retirement.reason)),
              ...(retirement.message === null ? [] : [bytesField(2, retirement.message)])
            ])
          )
        ]),
    bytesField(5, Buffer.from(outerChecksum, 'hex')),
    bytesField(7, timestampMessage(publishedAt))
  ])
}

function dependencyMessage(dependency: RegistryRelease['dependencies'][number], repository: string): Buffer {
  return Buffer.concat([
    bytesField(1, dependency.package),
    bytesField(2, dependency.requirement),
    ...(dependency.optional ? [numberField(3, 1)] : []),
    ...(dependency.app !== dependency.package ? [bytesField(4, dependency.app)] : []),
    ...(dependency.repository !== repository ? [bytesField(5, dependency.repository)] : [])
  ])
}

function timestampMessage(time: number): Buffer {
  return Buffer.concat([numberField(1, Math.floor(time / 1000)), numberField(2, (time % 1000) * 1_000_000)])
}

/** `hex_pb_names.proto`. */
export function namesPayload(repository: string, entries: readonly RegistryEntry[]): Buffer {
  return Buffer.concat([
    ...entries.map(({ name, updatedAt }) =>
      bytesField(1, Buffer.concat([bytesField(1, name), bytesField(3, timestampMessage(updatedAt))]))
    ),
    bytesField(2, repository)
  ])
}

/** `hex_pb_versions.proto`. */
export function versionsPayload(repository: string, entries: readonly RegistryEntry[]): Buffer {
  return Buffer.concat([
    ...entries.map(({ name, releases }) => {
      const retired = releases.flatMap(({ retirement }, index) => (retirement === null ? [] : [index]))
      return bytesField(
        1,
        Buffer.concat([
          bytesField(1, name),
          ...releases.map(({ version }) => bytesField(2, version)),
          packedField(3, retired)
        ])
      )
    }),
    bytesField(2, repository)
  ])
}

/** The store's ETag is the MD5 of the bytes. */
export function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}
