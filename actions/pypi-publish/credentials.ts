import type { World } from '../shared/world.ts'
import type { CredentialSource } from './inputs.ts'
import type { PackageIndex } from './package-index.ts'
import { mintToken, type MintedToken } from './trusted-publishing.ts'

/** Gives the Authorization header for each request, and a new one when the index says that it has expired. */
export interface Credentials {
  /** @throws {ActionError} when no token can be minted */
  authorization(): Promise<string | undefined>
  /** Throws the current token away. `false` when there is nothing to renew: the token was given, not minted. */
  expire(): boolean
  /** The claims that the current token was minted for; `undefined` when it was given. */
  presented(): readonly string[] | undefined
}

/** A token with less left would not outlive a long upload. Milliseconds. */
const leastLeft = 3 * 60_000

/** @param source never logged; minted tokens are masked before they are used */
export function createCredentials(source: CredentialSource, index: PackageIndex, world: World): Credentials {
  switch (source.kind) {
    case 'none':
      return given(undefined)
    case 'token':
    case 'password': {
      return given(
        source.kind === 'token' ? basic('__token__', source.token, world) : basic(source.user, source.password, world)
      )
    }
    case 'trusted-publishing': {
      // A promise, so that parallel uploads share one exchange.
      let minting: Promise<MintedToken> | undefined
      let presented: readonly string[] = []
      return {
        async authorization() {
          if (minting !== undefined && (await minting).expires - world.clock.now() < leastLeft) minting = undefined
          minting ??= mintToken(world, index, source)
          const { token, claims } = await minting
          presented = claims
          return basic('__token__', token, world)
        },
        expire() {
          minting = undefined
          return true
        },
        presented: () => presented
      }
    }
  }
}

function given(header: string | undefined): Credentials {
  return { authorization: () => Promise.resolve(header), expire: () => false, presented: () => undefined }
}

/** Basic is the scheme that every index takes (RFC 7617). */
function basic(user: string, password: string, world: World): string {
  const encoded = Buffer.from(`${user}:${password}`).toString('base64')
  world.secrets.add(encoded)
  return `Basic ${encoded}`
}
