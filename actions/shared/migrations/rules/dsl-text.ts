/**
 * A call of Ecto's DSL with one more option at its end: `create index(:users, [:email])` with `concurrently: true`.
 *
 * @param call where the call's opening parenthesis is found, as a pattern that ends with it
 * @returns undefined where the text has no such call, or its end cannot be found
 */
export function withOption(text: string, call: RegExp, option: string): string | undefined {
  const found = call.exec(text)
  if (found === null) return undefined
  const end = closingParenthesis(text, found.index + found[0].length)
  if (end === undefined) return undefined
  const inside = text.slice(0, end).trimEnd().replace(/,$/, '')
  return `${inside}, ${option}${text.slice(end)}`
}

function closingParenthesis(text: string, from: number): number | undefined {
  let depth = 1
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') {
      at += 1
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    } else if (character === '(' || character === '[' || character === '{') depth += 1
    else if (character === ')' || character === ']' || character === '}') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return undefined
}
