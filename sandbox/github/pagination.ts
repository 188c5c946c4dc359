import { refuse } from './errors.ts'
import type { Answer, Call, RepositoryCall } from './operation.ts'

/**
 * One page of a list, newest or whatever order `items` has, with the Link header that GitHub sends: addresses by
 * repository id, and `first`/`prev`/`next`/`last` only where there is such a page. `per_page` is 30 unless asked, at
 * most 100; a number that makes no sense counts as absent.
 */
export function paginate<T>(call: Call | RepositoryCall, items: readonly T[], shape: (item: T) => unknown): Answer {
  const { page, link } = pageOf(call, items)
  const body = page.map(shape)
  return link === '' ? { status: 200, body } : { status: 200, body, headers: { link } }
}

/** The same for an answer that is an object: `total_count`, and the page under `name`. */
export function paginateUnder<T>(
  call: RepositoryCall,
  name: string,
  items: readonly T[],
  shape: (item: T) => unknown
): Answer {
  const { page, link } = pageOf(call, items)
  const body = { total_count: items.length, [name]: page.map(shape) }
  return link === '' ? { status: 200, body } : { status: 200, body, headers: { link } }
}

function pageOf<T>(
  call: Call | RepositoryCall,
  items: readonly T[]
): { readonly page: readonly T[]; readonly link: string } {
  const query = call.request.url.searchParams
  const size = Math.min(positive(query.get('per_page')) ?? 30, 100)
  const page = positive(query.get('page')) ?? 1
  if (page * size > 10_000) throw refuse(422, 'Only the first 10000 results are available.', call.documentation)
  return {
    page: items.slice((page - 1) * size, page * size),
    link: linkHeader(call, page, Math.max(1, Math.ceil(items.length / size)))
  }
}

function positive(text: string | null): number | undefined {
  const number = Number(text ?? '')
  return Number.isInteger(number) && number > 0 ? number : undefined
}

function linkHeader(call: Call | RepositoryCall, page: number, last: number): string {
  const targets: [string, number][] = []
  if (page > 1) targets.push(['prev', Math.min(page - 1, last)])
  if (page < last) targets.push(['next', page + 1], ['last', last])
  if (page > 1) targets.push(['first', 1])
  return targets.map(([relation, number]) => `<${address(call, number)}>; rel="${relation}"`).join(', ')
}

function address(call: Call | RepositoryCall, page: number): string {
  if (!('repository' in call)) {
    const url = new URL(call.request.url)
    url.searchParams.set('page', String(page))
    return url.href
  }
  const below = call.request.url.pathname.replace(/^.*?\/(?:repos\/[^/]+\/[^/]+|repositories\/\d+)\//, '')
  const url = new URL(`${call.links.api}/repositories/${call.repository.id}/${below}`)
  url.search = call.request.url.search
  url.searchParams.set('page', String(page))
  return url.href
}
