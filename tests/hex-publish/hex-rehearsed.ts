import { createHexApi, type HexApi } from '../../actions/shared/hex/hex-api.ts'
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { hexTarball } from '../support/hex-tarball.ts'
import { testWorld } from '../support/world.ts'

/** The release that these tests are about, and what it is made of. */
export const demo = { name: 'demo' } as const
export const version = '1.2.3'
export const tarball = demoTarball({})

/** A tarball of `demo` that Hex would take, with these changes of its metadata. */
export function demoTarball(metadata: DemoMetadata): Buffer {
  return hexTarball({ metadata: { name: 'demo', app: 'demo', version, requirements: [], ...metadata } })
}

type DemoMetadata = NonNullable<NonNullable<Parameters<typeof hexTarball>[0]>['metadata']>

export type RehearsedHex = Awaited<ReturnType<typeof rehearsedHex>>

/** A sandbox, and a clock that passes while nobody waits. */
export async function rehearsedHex() {
  const world = testWorld()
  const sandbox: Sandbox = await startSandbox({ clock: world.clock.now })
  const address = sandbox.address('hex').href.replace(/\/$/, '')
  return {
    sandbox,
    hex: sandbox.hex,
    world,
    registryUrl: `${address}/repo`,
    /** The API, asked with this key. */
    as: (key: string): HexApi => createHexApi(world.http, { url: `${address}/api`, key, log: world.log }),
    close: async () => {
      world.http.close()
      await sandbox.close()
    }
  }
}
