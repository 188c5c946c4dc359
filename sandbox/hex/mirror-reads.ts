import { buffer } from 'node:stream/consumers'
import type { Answer } from '../deliver.ts'
import { createAgents, fileHeaders, follow, only, type Agents } from '../machine-fetch.ts'
import type { HexMirror } from '../machine-index.ts'
import type { SandboxRequestHead } from '../service.ts'
import { entranceOf } from './addresses.ts'

/** Reads of packages that pass to the machine's own Hex mirror. */
export interface MirrorReads {
  /** `undefined` for what is none of a mirror, or is not there. Rejects when the mirror cannot be read. */
  read(request: SandboxRequestHead): Promise<Answer | undefined>
  close(): void
}

/**
 * Registry objects, tarballs and docs of public packages. Registry objects are signed anew, so that a client which
 * knows the sandbox's key takes both; whether the mirror's own signature was right is not checked.
 *
 * @param mirror asked once, at the first read
 * @param reseal signs an object with the sandbox's key; `undefined` when the bytes are none
 */
export function hexMirrorReads(mirror: () => HexMirror, reseal: (object: Buffer) => Buffer | undefined): MirrorReads {
  let made: { readonly mirror: HexMirror; readonly agents: Agents } | undefined
  const open = (): NonNullable<typeof made> => {
    if (made !== undefined) return made
    const known = mirror()
    return (made = { mirror: known, agents: createAgents(known.ca) })
  }
  return {
    async read(request) {
      const { part, path } = entranceOf(request.url)
      if (part !== 'repository' || !/^\/(?:packages|tarballs|docs)\/[^/]+$/.test(path)) return undefined
      const { mirror, agents } = open()
      const found = await follow(agents, new URL(path.slice(1), mirror.base), request, mirror.authorization)
      if (found.status === 403 || found.status === 404) {
        found.body.destroy()
        return undefined
      }
      if (found.status !== 200 || request.method === 'HEAD' || !path.startsWith('/packages/'))
        return { status: found.status, headers: only(found.headers, fileHeaders), body: found.body }
      const object = reseal(await buffer(found.body))
      if (object === undefined) throw new Error(`${path} is no registry object`)
      return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: object }
    },
    close() {
      made?.agents.plain.destroy()
      made?.agents.secure.destroy()
    }
  }
}
