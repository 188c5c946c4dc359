import { longestText } from '../migration.ts'

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

const words: ReadonlySet<string> = new Set([
  ...['create', 'create_if_not_exists', 'drop', 'drop_if_exists', 'index', 'unique_index', 'constraint', 'table'],
  ...['references', 'fragment', 'remove', 'add', 'modify', 'rename', 'true', 'false', 'nil']
])

/**
 * Whether a call of Ecto's DSL means the same wherever it stands: it names no variable, no attribute, no module, and no
 * function of its own.
 */
export function isSelfContained(text: string): boolean {
  if (text.includes('#{') || text.length >= longestText) return false
  const plain = text
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/#.*$/gm, '')
    .replace(/(?:""|\b[a-z_]\w*[?!]?):(?=\s)/gi, '')
    .replace(/:""|:[a-z_]\w*[?!]?|\b\d[\w.]*/gi, '0')
  // `table()` is no word of Ecto's.
  return !/[@&^~<]|\(\s*\)/.test(plain) && (plain.match(/[A-Za-z_]\w*/g) ?? []).every((word) => words.has(word))
}
