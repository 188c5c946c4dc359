/**
 * The outline of a Prisma schema file: its blocks, and in those of models their fields and attributes. What it takes is a
 * little more than Prisma does (line breaks in parentheses): `prisma validate` is the judge of what is wrong.
 */
export interface PrismaBlock {
  /** `model`, `view`, `enum`, `type`, `datasource`, `generator`. */
  readonly keyword: string
  readonly name: string
  readonly fields: readonly FieldLine[]
  readonly attributes: readonly Attribute[]
  /** 1-based, of its name. */
  readonly line: number
}

export interface FieldLine {
  readonly name: string
  /** What `Unsupported("…")` holds where `unsupported` is true. */
  readonly type: string
  readonly unsupported: boolean
  readonly arity: 'required' | 'optional' | 'list'
  readonly attributes: readonly Attribute[]
  readonly line: number
}

export interface Attribute {
  /** Without `@`, with its namespace: `map`, `db.VarChar`. */
  readonly name: string
  readonly arguments: readonly Argument[]
}

export interface Argument {
  /** `name` of `name: "x"`; undefined for one that stands alone. */
  readonly name: string | undefined
  /** The text of one that is a string; undefined for anything else. */
  readonly text: string | undefined
}

/** Where a file is no Prisma schema. */
export interface LanguageFault {
  readonly message: string
  readonly line: number
}

/** @returns what was read up to the first fault, and the fault */
export function readPrismaBlocks(text: string): {
  readonly blocks: readonly PrismaBlock[]
  readonly fault?: LanguageFault
} {
  const tokens = createTokens(text)
  const blocks: PrismaBlock[] = []
  for (;;) {
    const keyword = tokens.next()
    if (keyword.kind === 'end') return { blocks }
    if (keyword.kind === 'newline') continue
    const name = tokens.next()
    const open = tokens.next()
    if (keyword.kind !== 'word' || name.kind !== 'word' || open.text !== '{' || open.kind !== 'sign')
      return { blocks, fault: { message: 'a block such as `model Name {` is expected here', line: keyword.line } }
    const rows = keyword.text === 'model' || keyword.text === 'view' || keyword.text === 'type'
    const contents = rows ? readContents(tokens) : skipBlock(tokens)
    if ('fault' in contents) return { blocks, fault: contents.fault }
    blocks.push({ keyword: keyword.text, name: name.text, ...contents, line: name.line })
  }
}

type Contents = Pick<PrismaBlock, 'fields' | 'attributes'>

export function has(attributes: readonly Attribute[], name: string): boolean {
  return attributes.some((attribute) => attribute.name === name)
}

/** `x` of `@map("x")` and of `@map(name: "x")`: the first that stands alone, or that of `name`. */
export function textOfAttribute(attributes: readonly Attribute[], name: string): string | undefined {
  const given = attributes.find((attribute) => attribute.name === name)?.arguments ?? []
  return given.find((argument) => (argument.name ?? 'name') === 'name' && argument.text !== undefined)?.text
}

/** Values of enums, settings of datasources and generators: nothing of them is a column. */
function skipBlock(tokens: Tokens): Contents | { readonly fault: LanguageFault } {
  for (let depth = 1; ;) {
    const token = tokens.next()
    if (token.kind === 'end') return { fault: unended(token) }
    if (token.kind !== 'sign') continue
    if (token.text === '{') depth++
    if (token.text === '}' && --depth === 0) return { fields: [], attributes: [] }
  }
}

function readContents(tokens: Tokens): Contents | { readonly fault: LanguageFault } {
  const fields: FieldLine[] = []
  const attributes: Attribute[] = []
  for (;;) {
    const token = tokens.next()
    if (token.kind === 'newline') continue
    if (token.kind === 'sign' && token.text === '}') return { fields, attributes }
    if (token.kind === 'end') return { fault: unended(token) }
    if (token.kind === 'sign' && token.text === '@@') {
      attributes.push(readAttribute(tokens))
      continue
    }
    const field = token.kind === 'word' ? readField(token, tokens) : undefined
    if (field === undefined)
      return { fault: { message: 'a field with its type, or an attribute, is expected here', line: token.line } }
    fields.push(field)
  }
}

function unended(token: Token): LanguageFault {
  return { message: 'the file ends inside a block', line: token.line }
}

function readField(name: Token, tokens: Tokens): FieldLine | undefined {
  const type = tokens.next()
  if (type.kind !== 'word') return undefined
  const unsupported = type.text === 'Unsupported' && tokens.peek().text === '('
  const held = unsupported ? readArguments(tokens)[0]?.text : type.text
  if (held === undefined) return undefined
  let arity: FieldLine['arity'] = 'required'
  for (;;) {
    const sign = tokens.peek()
    if (sign.kind !== 'sign' || !['?', '[', ']'].includes(sign.text)) break
    arity = sign.text === '?' ? 'optional' : 'list'
    tokens.next()
  }
  const attributes: Attribute[] = []
  while (tokens.peek().kind === 'sign' && tokens.peek().text === '@') {
    tokens.next()
    attributes.push(readAttribute(tokens))
  }
  return { name: name.text, type: held, unsupported, arity, attributes, line: name.line }
}

function readAttribute(tokens: Tokens): Attribute {
  let name = tokens.next().text
  while (tokens.peek().text === '.' && tokens.peek().kind === 'sign') {
    tokens.next()
    name += `.${tokens.next().text}`
  }
  const opens = tokens.peek().kind === 'sign' && tokens.peek().text === '('
  return { name, arguments: opens ? readArguments(tokens) : [] }
}

/** From `(` to its `)`: what stands between commas of the first depth. */
function readArguments(tokens: Tokens): readonly Argument[] {
  const found: Argument[] = []
  let parts: Token[] = []
  const close = (): void => {
    const named = parts[0]?.kind === 'word' && parts[1]?.text === ':'
    const value = named ? parts.slice(2) : parts
    const text = value.length === 1 && value[0]?.kind === 'string' ? value[0].text : undefined
    if (parts.length > 0) found.push({ name: named ? parts[0]?.text : undefined, text })
    parts = []
  }
  for (let depth = 0; ;) {
    const token = tokens.next()
    if (token.kind === 'end') return found
    if (token.kind === 'newline') continue
    if (token.kind === 'sign' && ['(', '[', '{'].includes(token.text) && depth++ === 0) continue
    if (token.kind === 'sign' && [')', ']', '}'].includes(token.text) && --depth === 0) {
      close()
      return found
    }
    if (token.kind === 'sign' && token.text === ',' && depth === 1) close()
    else parts.push(token)
  }
}

interface Token {
  readonly kind: 'word' | 'string' | 'sign' | 'newline' | 'end'
  /** Of a string what it says, without quotes and escapes. */
  readonly text: string
  readonly line: number
}

interface Tokens {
  next(): Token
  peek(): Token
}

/** Comments go to the end of the line, or from `/*` to its end. */
const token =
  /(?<space>[^\S\n]+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\ufeff)|(?<newline>\n)|(?<word>[\p{L}\p{N}_-]+)|"(?<string>(?:[^"\\\n]|\\.)*)"|(?<sign>@@|[^\s])/uy

function createTokens(text: string): Tokens {
  let at = 0
  let line = 1
  const read = (): Token => {
    for (;;) {
      token.lastIndex = at
      const match = token.exec(text)
      if (match === null) return { kind: 'end', text: '', line }
      at = token.lastIndex
      const here = line
      line += match[0].split('\n').length - 1
      const { space, newline, word, string, sign = '' } = match.groups ?? {}
      if (space !== undefined) continue
      if (newline !== undefined) return { kind: 'newline', text: '', line: here }
      if (word !== undefined) return { kind: 'word', text: word, line: here }
      if (string !== undefined) return { kind: 'string', text: unescaped(string), line: here }
      return { kind: 'sign', text: sign, line: here }
    }
  }
  let ahead: Token | undefined
  return {
    next: () => {
      const given = ahead ?? read()
      ahead = undefined
      return given
    },
    peek: () => (ahead ??= read())
  }
}

/** Strings are written as in JSON (psl, parse_expression.rs). */
function unescaped(text: string): string {
  return text.replaceAll(/\\(u[0-9a-fA-F]{4}|.)/g, (_, escape: string) =>
    escape.length === 5 ? String.fromCharCode(Number.parseInt(escape.slice(1), 16)) : (escapes[escape] ?? escape)
  )
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
