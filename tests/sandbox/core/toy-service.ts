import type { SandboxRequest, Service } from '../../../sandbox/service.ts'

export interface ToyState {
  readonly stored: readonly { readonly name: string; readonly bytes: Buffer; readonly $odd: string }[]
}

export interface ToyService extends Service<ToyState> {
  /** Every request that reached it. */
  readonly seen: readonly SandboxRequest[]
}

/**
 * A shelf: POST puts the body there under the path, GET gives the list (JSON), `/undefined` is a read it has nothing
 * for, `/crash` a bug, and a `Content-Length` above a thousand is refused from the head when the client waits.
 */
export function toyService(
  name = 'toy',
  hosts: readonly string[] = ['toy.example', 'uploads.toy.example']
): ToyService {
  let stored: ToyState['stored'] = []
  const seen: SandboxRequest[] = []
  const put = (request: SandboxRequest, half: boolean): void => {
    stored = [...stored, { name: request.url.pathname, bytes: half ? Buffer.alloc(0) : request.body, $odd: '$' }]
  }
  return {
    name,
    hosts,
    seen,
    handle(request) {
      seen.push(request)
      if (request.url.pathname === '/undefined') return undefined
      if (request.url.pathname === '/crash') throw new Error('a bug in the toy')
      if (request.method === 'POST' && !request.url.pathname.endsWith('/graphql')) {
        put(request, false)
        return { status: 201, statusText: 'Put There', body: `stored ${String(request.body.length)}` }
      }
      const names = stored.map((item) => item.name)
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] },
        body: JSON.stringify({ names, url: request.url.href, job: request.job ?? null })
      }
    },
    refuse: (head) =>
      Number(head.headers['content-length'] ?? 0) > 1000 ? { status: 413, body: 'too large, said before' } : undefined,
    partial(request) {
      put(request, true)
      return { status: 502, body: 'half of it is there' }
    },
    notFound: () => ({ status: 404, body: 'the toy has no such thing' }),
    save: () => ({ stored: stored.map((item) => ({ ...item })) }),
    load(state) {
      stored = state.stored.map((item) => ({ ...item }))
    }
  }
}
