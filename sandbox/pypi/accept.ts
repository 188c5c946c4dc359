/**
 * The offers that a client takes, best first: by its weight, then by our own order (RFC 9110, section 12.5.1; WebOb's
 * `acceptable_offers`). Without an Accept header all of them.
 */
export function acceptable<Offer extends string>(header: string | undefined, offers: readonly Offer[]): Offer[] {
  if (header === undefined || header.trim() === '') return [...offers]
  const ranges = header.split(',').map(parseRange)
  return offers
    .map((offer) => ({ offer, weight: weightOf(offer, ranges) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ offer }) => offer)
}

interface MediaRange {
  readonly type: string
  readonly weight: number
}

function parseRange(range: string): MediaRange {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((parameter) => parameter.startsWith('q='))
  const weight = q === undefined ? 1 : Number(q.slice(2))
  return { type, weight: Number.isFinite(weight) ? weight : 0 }
}

/** The most specific range that fits decides. */
function weightOf(offer: string, ranges: readonly MediaRange[]): number {
  const family = `${offer.split('/')[0] ?? ''}/*`
  for (const wanted of [offer, family, '*/*']) {
    const fitting = ranges.filter(({ type }) => type === wanted)
    if (fitting.length > 0) return Math.max(...fitting.map(({ weight }) => weight))
  }
  return 0
}
