import { behind, isToken, type ElixirCode } from './elixir-code.ts'
import type { ElixirToken } from './elixir-tokens.ts'

/** Tokens from `from` up to `to`. */
export interface TokenRange {
  readonly from: number
  readonly to: number
}

/**
 * Splits a body into its statements, without looking into brackets and blocks. Where a line end could be read in two
 * ways, two statements become one, which is then none that anybody understands.
 */
export function statementsOf(code: ElixirCode, { from, to }: TokenRange): readonly TokenRange[] {
  const statements: TokenRange[] = []
  let start = from
  const end = (at: number): void => {
    if (at > start) statements.push({ from: start, to: at })
  }
  for (let index = from; index < to; index = behind(code, index)) {
    if (isToken(code.tokens[index], ';')) {
      end(index)
      start = index + 1
    } else if (index > start && beginsLine(code, index) && !goesOn(code.tokens[index - 1], code.tokens[index])) {
      end(index)
      start = index
    }
  }
  end(to)
  return statements
}

function beginsLine(code: ElixirCode, index: number): boolean {
  const previous = code.tokens[index - 1]
  return previous === undefined || previous.line < (code.tokens[index]?.line ?? 0)
}

/** Whether an expression runs over a line end: an operator stands before or behind it. */
function goesOn(last: ElixirToken | undefined, first: ElixirToken | undefined): boolean {
  const binary = first?.kind === 'operator' && !['@', '&', '%', '!', '^'].includes(first.text)
  const words = [first, last].some((token) => token?.kind === 'name' && operatorWords.has(token.text))
  return binary || words || last?.kind === 'operator' || last?.kind === 'key'
}

/** Operators that are written as words. */
export const operatorWords: ReadonlySet<string> = new Set(['and', 'or', 'in', 'not', 'when'])
