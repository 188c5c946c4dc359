import { dirname, join, resolve } from 'node:path'
import { tokensOf, type Token } from './config-tokens.ts'

/** What a configuration says of one property. */
export type ConfigValue =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  /** It is written, and only running the file would say what it is; `source` as written. */
  | { readonly kind: 'computed'; readonly source: string; readonly line: number }
  | { readonly kind: 'absent' }

/** The properties of a configuration in JavaScript or TypeScript, read without running it. */
export interface ConfigText {
  /** `['migrations', 'path']` */
  property(path: readonly string[]): ConfigValue
}

/**
 * Reads what is given to `defineConfig(…)`, `export default` or `module.exports`. Understood are strings, constants of
 * the file, and paths put together by `join` and `resolve`; everything else is `computed`.
 * @param file absolute, which `__dirname` is made of
 * @param cwd absolute, for `process.cwd()`
 */
export function readConfigText(source: string, file: string, cwd: string): ConfigText {
  const tokens = tokensOf(source)
  const place: Place = { tokens, source, folder: dirname(file), cwd }
  const whole = configurationIn(place)
  return {
    property(path) {
      let value: readonly Token[] | undefined = whole
      for (const name of path) {
        if (value === undefined) return { kind: 'absent' }
        const object = objectOf(value, place)
        if (object === undefined) return computed(value, place)
        if (!object.properties.has(name) && object.open) return computed(value, place)
        value = object.properties.get(name)
      }
      if (value === undefined || isUndefined(value)) return { kind: 'absent' }
      const text = evaluate(value, place)
      return text === undefined ? computed(value, place) : { kind: 'text', text, line: value[0]?.line ?? 1 }
    }
  }
}

interface Place {
  readonly tokens: readonly Token[]
  readonly source: string
  readonly folder: string
  readonly cwd: string
}

function computed(value: readonly Token[], { source }: Place): ConfigValue {
  return {
    kind: 'computed',
    source: source.slice(value[0]?.start, value.at(-1)?.end),
    line: value[0]?.line ?? 1
  }
}

/** The tokens of the configuration's value. */
function configurationIn({ tokens }: Place): readonly Token[] | undefined {
  const values = tokens.map(({ value }) => value)
  const call = values.findIndex((value, at) => /^define\w*Config$/.test(value) && values[at + 1] === '(')
  if (call !== -1) return expressionAt(tokens, call + 2)
  const exported = values.findIndex((value, at) => value === 'export' && values[at + 1] === 'default')
  if (exported !== -1) return expressionAt(tokens, exported + 2)
  const module = values.findIndex(
    (value, at) => value === 'module' && values[at + 2] === 'exports' && values[at + 3] === '='
  )
  return module === -1 ? undefined : expressionAt(tokens, module + 4)
}

const opening = new Set(['(', '[', '{'])
const closing = new Set([')', ']', '}'])

/** The tokens up to a comma, a semicolon or a closing bracket, or to a line that begins another statement. */
function expressionAt(tokens: readonly Token[], from: number): readonly Token[] {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const { kind, value, line } = tokens[at] ?? ended
    const before = tokens[at - 1] ?? ended
    const isSign = kind === 'sign'
    if (depth === 0 && isSign && (closing.has(value) || value === ',' || value === ';')) return tokens.slice(from, at)
    const begins = at > from && line > before.line && kind === 'word' && before.kind !== 'sign'
    const afterBracket = at > from && line > before.line && kind === 'word' && /^[)\]}]$/.test(before.value)
    if (depth === 0 && (begins || afterBracket)) return tokens.slice(from, at)
    if (isSign && opening.has(value)) depth += 1
    if (isSign && closing.has(value)) depth -= 1
  }
  return tokens.slice(from)
}

const ended: Token = { kind: 'sign', value: ';', line: 0, start: 0, end: 0 }

interface ObjectText {
  readonly properties: ReadonlyMap<string, readonly Token[]>
  /** Another object is spread into it, so that what is not written may be there all the same. */
  readonly open: boolean
}

function objectOf(value: readonly Token[], place: Place): ObjectText | undefined {
  const written = withoutType(value)
  const [first] = written
  if (written.length === 1 && first?.kind === 'word') {
    const constant = constantOf(first.value, place)
    return constant === undefined ? undefined : objectOf(constant, place)
  }
  if (first?.kind !== 'sign' || first.value !== '{') return undefined
  const properties = new Map<string, readonly Token[]>()
  let open = false
  for (let at = 1; at < written.length;) {
    const key = written[at] ?? ended
    if (key.kind === 'sign' && (key.value === '}' || key.value === ',')) {
      at += 1
      continue
    }
    const colon = written[at + 1]
    if ((key.kind === 'word' || key.kind === 'text') && colon?.kind === 'sign' && colon.value === ':') {
      const expression = propertyValueAt(written, at + 2)
      properties.set(key.value, expression)
      at += 2 + expression.length
    } else {
      const rest = propertyValueAt(written, at)
      if (key.kind === 'word' && rest.length === 1) properties.set(key.value, rest)
      else open ||= key.value === '.' || key.value === '['
      at += Math.max(1, rest.length)
    }
  }
  return { properties, open }
}

/** As `expressionAt`, where a line's end ends nothing. */
function propertyValueAt(tokens: readonly Token[], from: number): readonly Token[] {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const { kind, value } = tokens[at] ?? ended
    if (kind !== 'sign') continue
    if (depth === 0 && (closing.has(value) || value === ',')) return tokens.slice(from, at)
    if (opening.has(value)) depth += 1
    if (closing.has(value)) depth -= 1
  }
  return tokens.slice(from)
}

/** `x as const`, `x satisfies PrismaConfig` and `x!` are `x`. */
function withoutType(value: readonly Token[]): readonly Token[] {
  let depth = 0
  for (const [at, { kind, value: text }] of value.entries()) {
    if (depth === 0 && at > 0 && kind === 'word' && (text === 'as' || text === 'satisfies')) return value.slice(0, at)
    if (kind === 'sign' && opening.has(text)) depth += 1
    if (kind === 'sign' && closing.has(text)) depth -= 1
  }
  const last = value.at(-1)
  return value.length > 1 && last?.kind === 'sign' && last.value === '!' ? value.slice(0, -1) : value
}

function isUndefined(value: readonly Token[]): boolean {
  const [only] = withoutType(value)
  return only?.kind === 'word' && only.value === 'undefined'
}

/** What `const NAME = …` of the file gives the name. */
function constantOf(name: string, { tokens }: Place): readonly Token[] | undefined {
  const at = tokens.findIndex(
    ({ value }, index) => /^(?:const|let|var)$/.test(value) && tokens[index + 1]?.value === name
  )
  if (at === -1) return undefined
  const sign = tokens.findIndex(({ kind, value }, index) => index > at + 1 && kind === 'sign' && value === '=')
  return sign === -1 ? undefined : expressionAt(tokens, sign + 1)
}

/** The text that an expression is; undefined where it takes running the file. */
function evaluate(value: readonly Token[], place: Place, depth = 0): string | undefined {
  const written = withoutType(value)
  const [first] = written
  if (first === undefined || depth > 10) return undefined
  if (written.length === 1) {
    if (first.kind === 'text') return first.value
    if (first.kind !== 'word') return undefined
    if (first.value === '__dirname') return place.folder
    const constant = constantOf(first.value, place)
    return constant === undefined ? undefined : evaluate(constant, place, depth + 1)
  }
  const name = callee(written)
  if (name === 'import.meta.dirname') return place.folder
  const called = /^(?:\w+\.)?(?:posix\.)?(join|resolve|normalize)$/.exec(name)?.[1]
  const end = written.at(-1)
  const signs = name.split('.').length * 2 - 1
  if (written[signs]?.value !== '(' || end?.value !== ')') return undefined
  if (name === 'process.cwd') return place.cwd
  if (called === undefined) return undefined
  const parts: string[] = []
  for (let at = signs + 1; at < written.length - 1;) {
    const argument = propertyValueAt(written, at)
    const text = evaluate(argument, place, depth + 1)
    if (text === undefined) return undefined
    parts.push(text)
    at += argument.length + 1
  }
  return called === 'resolve' ? resolve(place.cwd, ...parts) : join(...parts)
}

/** `path.join` of `path.join(…)`. */
function callee(tokens: readonly Token[]): string {
  let name = ''
  for (const { kind, value } of tokens) {
    if (kind === 'word' || (kind === 'sign' && value === '.')) name += value
    else break
  }
  return name
}
