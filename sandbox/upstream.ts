import { buffer } from 'node:stream/consumers'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import type { Readable } from 'node:stream'
import type { Answer } from './deliver.ts'
import { hexMirrorReads } from './hex/mirror-reads.ts'
import { indexLinks, upstreamPath, withFileLinks, withReplaced } from './index-links.ts'
import {
  hexMirror,
  npmDefaultHost,
  npmRegistry,
  pythonIndexes,
  type HexMirror,
  type MachineIndex,
  type PythonIndexes
} from './machine-index.ts'
import { createAgents, fileHeaders, follow, only, type Fetched } from './machine-fetch.ts'
import type { SandboxRequestHead } from './service.ts'

const filesOrigin = 'https://files.pythonhosted.org'

/** Reads that pass to the machine's own index. */
export interface Upstream {
  /** Whether reads of this host pass although no service owns it. */
  owns(host: string): boolean
  /** Whether it gave out this address itself, so that the service is not to be asked. */
  claims(url: URL): boolean
  /** Answers a read, streaming; `undefined` when the address is none of an index. `service` is who owns the host. */
  read(
    request: SandboxRequestHead,
    service: string | undefined
  ): Promise<(Answer & { readonly note?: string }) | undefined>
}

export interface UpstreamOptions {
  /** The machine's Python indexes; by default what pip is configured to use. Asked once, at the first need. */
  readonly python?: () => Promise<PythonIndexes>
  /** The machine's npm registry; by default what npm is configured to use. */
  readonly npm?: () => Promise<MachineIndex>
  /** The host at which programs look for npm's registry; by default what npm says of itself. */
  readonly npmHost?: string
  /** The machine's Hex mirror; by default what Hex's and rebar3's variables name. */
  readonly hex?: () => HexMirror
  /** Signs a registry object with the sandbox's own key; `undefined` when it is none. Without it Hex never passes. */
  readonly reseal?: (object: Buffer) => Buffer | undefined
}

/**
 * Lets reads of packages that the sandbox lacks pass to the indexes this machine uses itself: PyPI's simple pages, JSON
 * and files, npm's registry, and Hex's registry objects, tarballs and docs, signed anew so that clients need one key
 * for all. Addresses of files are replaced so that they come through the sandbox too. TestPyPI never passes: what is
 * missing there is missing.
 */
export async function machineUpstream(options: UpstreamOptions = {}): Promise<Upstream & { close(): void }> {
  const npmHost = options.npmHost ?? (await npmDefaultHost())
  const links = indexLinks()
  const python = once(options.python ?? pythonIndexes)
  const npm = once(options.npm ?? npmRegistry)
  const agents = once(async () => createAgents((await python()).ca))
  const hex = options.reseal && hexMirrorReads(options.hex ?? hexMirror, options.reseal)

  const fetch = async (target: URL, request: SandboxRequestHead, index?: MachineIndex): Promise<Fetched> => {
    const sameOrigin = index?.base.origin === target.origin ? index.authorization : undefined
    return follow(await agents(), target, request, sameOrigin)
  }
  const file = async (target: URL, request: SandboxRequestHead): Promise<Answer | undefined> => {
    // Nobody asks npm for its settings (half a second) until a program wants something of npm's.
    const registry = await npm.ifMade()
    const { indexes } = await python()
    const known = registry === undefined ? indexes : [registry, ...indexes]
    const owner = known.find(({ base }) => base.origin === target.origin)
    const { status, headers, body } = await fetch(target, request, owner)
    return { status, headers: only(headers, fileHeaders), body }
  }

  const simplePage = async (
    project: string,
    request: SandboxRequestHead,
    origin: string
  ): Promise<Answer | undefined> => {
    for (const index of (await python()).indexes) {
      const page = await fetch(new URL(`${project}/`, index.base), request, index)
      if (page.status === 404) {
        page.body.destroy()
        continue
      }
      return rewritten(page, (text, isJson) =>
        withFileLinks(text, isJson, page.url, (real) =>
          real.origin === filesOrigin && origin === filesOrigin ? real.href : links.replacement(real, origin)
        )
      )
    }
    return undefined
  }
  const projectJson = async (
    path: string,
    request: SandboxRequestHead,
    origin: string
  ): Promise<Answer | undefined> => {
    const index = (await python()).indexes[0]
    // Only an index whose simple pages lie in `/simple/` has the JSON API beside them (Warehouse, and its mirrors).
    if (index?.base.pathname.endsWith('/simple/') !== true) return undefined
    const page = await fetch(new URL(`..${path}`, index.base), request, index)
    if (page.status === 404) {
      page.body.destroy()
      return undefined
    }
    return rewritten(page, (text) =>
      withReplaced(text, 'url', page.url, (real) =>
        real.origin === filesOrigin && origin === filesOrigin ? real.href : links.replacement(real, origin)
      )
    )
  }
  const npmDocument = async (request: SandboxRequestHead): Promise<Answer | undefined> => {
    const registry = await npm()
    const path = request.url.pathname.slice(1) + request.url.search
    const target = new URL(path, registry.base)
    if (/\/-\/[^/]+\.tgz$/.test(request.url.pathname)) return file(target, request)
    const page = await fetch(target, request, registry)
    return rewritten(page, (text, isJson) =>
      isJson
        ? withReplaced(text, 'tarball', page.url, (real) =>
            real.href.startsWith(registry.base.href)
              ? `https://${request.url.host}/${real.href.slice(registry.base.href.length)}`
              : links.replacement(real, request.url.origin)
          )
        : text
    )
  }

  return {
    owns: (host) => host === npmHost,
    claims: (url) => url.pathname.startsWith(upstreamPath) && links.real(url.pathname) !== undefined,
    async read(request, service) {
      const { url } = request
      try {
        const real = links.real(url.pathname)
        if (real !== undefined) return await file(real, request)
        if (url.hostname === npmHost) return await npmDocument(request)
        if (service === 'hex') return await hex?.read(request)
        if (service !== 'pypi') return undefined
        const origin = url.protocol === 'https:' ? filesOrigin : url.origin
        const project = /^\/simple\/([^/]+)\/?$/.exec(url.pathname)?.[1]
        if (project !== undefined) return await simplePage(project, request, origin)
        if (/^\/pypi\/.+\/json$/.test(url.pathname)) return await projectJson(url.pathname, request, origin)
        if (url.origin === filesOrigin && url.pathname.startsWith('/packages/')) return await file(url, request)
        return undefined
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        const note = `the machine's own index could not be read: ${reason}`
        // Mix and rebar3 take only 403 and 404 for a package that is not there, and try others again and again.
        if (service === 'hex')
          return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not Found', note }
        return {
          status: 502,
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          body: `Sandbox: ${note}\n`,
          note
        }
      }
    },
    close() {
      void agents.ifMade()?.then(({ plain, secure }) => {
        plain.destroy()
        secure.destroy()
      })
      hex?.close()
    }
  }
}

/** A page read whole and changed; without the validators of the original, which are no longer true of it. */
async function rewritten(page: Fetched, change: (text: string, isJson: boolean) => string): Promise<Answer> {
  const headers = { ...only(page.headers, ['content-type']), 'cache-control': 'no-cache' }
  const text = (await buffer(decoded(page))).toString('utf8')
  const isJson = /[/+]json\b/.test(page.headers['content-type'] ?? '')
  return { status: page.status, headers, body: page.status === 200 && text !== '' ? change(text, isJson) : text }
}

/** Some servers compress although `identity` was asked for. */
function decoded({ headers, body }: Fetched): Readable {
  if (headers['content-encoding'] === 'gzip') return body.pipe(createGunzip())
  return headers['content-encoding'] === 'br' ? body.pipe(createBrotliDecompress()) : body
}

function once<T>(make: () => Promise<T>): (() => Promise<T>) & { ifMade(): Promise<T> | undefined } {
  let made: Promise<T> | undefined
  return Object.assign(() => (made ??= make()), { ifMade: () => made })
}
