import { termText, type ErlangTerm } from '../shared/hex/erlang-terms.ts'

/**
 * A term as text, the same for the same meaning: however texts are spelled, whether pairs are a list or a map, and in
 * which order. Nothing else is the same: not a number and its digits, not `nil` and `undefined`, and a key that is
 * there twice stays there twice, in its order, because readers take the first or the last.
 * @returns for the most part JSON; undefined where the term says nothing
 */
export function termMeaning(term: ErlangTerm | undefined): string | undefined {
  return term === undefined || saysNothing(term) ? undefined : written(term)
}

/** Older writers put `nil` or `undefined` where nothing is known. */
function saysNothing(term: ErlangTerm): boolean {
  if (term.kind === 'atom') return term.name === 'nil' || term.name === 'undefined'
  if (term.kind === 'string') return term.text === ''
  return (term.kind === 'list' && term.items.length === 0) || (term.kind === 'map' && term.entries.length === 0)
}

function written(term: ErlangTerm): string {
  switch (term.kind) {
    case 'binary':
    case 'string':
      // An empty list of characters is an empty list.
      return term.kind === 'string' && term.text === '' ? '[]' : JSON.stringify(termText(term))
    case 'integer':
      return String(term.value)
    case 'atom':
      return term.name
    case 'tuple':
      return `(${term.items.map(written).join(',')})`
    case 'map':
      return term.entries.length === 0 ? '[]' : pairsWritten(term.entries)
    case 'list': {
      const pairs = term.items.map(asPair)
      return pairs.length > 0 && pairs.every((pair) => pair !== undefined)
        ? pairsWritten(pairs)
        : `[${term.items.map(written).join(',')}]`
    }
  }
}

type Pair = readonly [ErlangTerm, ErlangTerm]

function asPair(term: ErlangTerm): Pair | undefined {
  const [key, value] = term.kind === 'tuple' && term.items.length === 2 ? term.items : []
  return key === undefined || value === undefined ? undefined : [key, value]
}

/** By key; sorting leaves those with one key in their order. */
function pairsWritten(pairs: readonly Pair[]): string {
  const texts = pairs.map(([key, value]) => [written(key), written(value)] as const)
  const sorted = texts.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${sorted.map((pair) => pair.join(':')).join(',')}}`
}
