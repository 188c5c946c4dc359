import { ElixirFault, elixirTokens, type ElixirToken } from './elixir-tokens.ts'

/** Elixir source as tokens, every bracket and block with its end. */
export interface ElixirCode {
  readonly tokens: readonly ElixirToken[]
  /** For the token that opens a bracket or a block (`do`, `fn`): the index of the one that closes it. */
  readonly closedBy: ReadonlyMap<number, number>
}

/** Far beyond any project file; the parsers of this folder recurse that deep at most. */
export const deepestNesting = 200

/**
 * Reads Elixir source.
 *
 * @throws ElixirFault where it does not end what it begins
 */
export function readElixirCode(source: string): ElixirCode {
  const tokens = elixirTokens(source)
  const closedBy = new Map<number, number>()
  const open: number[] = []
  for (const [index, token] of tokens.entries()) {
    if (opens(token)) {
      if (open.length === deepestNesting)
        throw new ElixirFault(`more than ${deepestNesting} brackets and blocks are open`, token.line)
      open.push(index)
    } else if (closes(token)) {
      const opener = open.pop()
      const opening = opener === undefined ? undefined : tokens[opener]
      if (opener === undefined || opening === undefined)
        throw new ElixirFault(`${token.text} closes nothing`, token.line)
      if (partners[textOf(opening)] !== token.text) {
        throw new ElixirFault(`${token.text} does not close the ${textOf(opening)} of line ${opening.line}`, token.line)
      }
      closedBy.set(opener, index)
    }
  }
  const left = open.at(-1)
  const opening = left === undefined ? undefined : tokens[left]
  if (opening !== undefined) throw new ElixirFault(`the ${textOf(opening)} is not closed`, opening.line)
  return { tokens, closedBy }
}

/** Whether the token is this reserved word, name, operator or bracket. */
export function isToken(token: ElixirToken | undefined, text: string): boolean {
  return token !== undefined && plainKinds.has(token.kind) && textOf(token) === text
}

/** Whether nothing stands between two tokens, as between the name and the bracket of a call. */
export function adjacent(token: ElixirToken | undefined, next: ElixirToken | undefined): boolean {
  return token !== undefined && next !== undefined && token.end === next.start
}

/** The index behind the token and, where it opens something, behind all of it. */
export function behind(code: ElixirCode, index: number): number {
  return (code.closedBy.get(index) ?? index) + 1
}

const plainKinds: ReadonlySet<ElixirToken['kind']> = new Set(['name', 'operator', 'open', 'close'])

const partners: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<<': '>>', do: 'end', fn: 'end' }

function opens(token: ElixirToken): boolean {
  return token.kind === 'open' || isToken(token, 'do') || isToken(token, 'fn')
}

function closes(token: ElixirToken): token is ElixirToken & { readonly kind: 'close' | 'name'; readonly text: string } {
  return token.kind === 'close' || isToken(token, 'end')
}

function textOf(token: ElixirToken): string {
  return 'text' in token ? (token.text ?? '') : ''
}
