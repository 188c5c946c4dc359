import { fail } from '../actions/shared/problem.ts'

/** When a fault strikes: before the service sees the request, or after it has handled (committed) it. */
export type FaultMoment = 'before' | 'after'

export type FaultAction =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly moment: FaultMoment | 'partial'
      readonly html: boolean
      readonly retryAfter?: string
      readonly location?: string
      readonly body?: string
    }
  | { readonly kind: 'reset'; readonly moment: FaultMoment | 'body' }
  | { readonly kind: 'stall'; readonly milliseconds: number; readonly moment: FaultMoment }
  | { readonly kind: 'stale'; readonly lag?: number }
  | { readonly kind: 'truncate' }
  | { readonly kind: 'corrupt-json' }

export interface FaultRule {
  /** The rule as it was written. */
  readonly text: string
  readonly method: string
  /** Host part alone, to find typing errors; the whole target is matched by `matches`. */
  readonly host: string
  readonly target: RegExp
  /** With `?` in the target the query is matched too. */
  readonly withQuery: boolean
  readonly first: number
  readonly last: number
  readonly action: FaultAction
  /** How the request log names it. */
  readonly label: string
}

/**
 * Reads one rule: `METHOD HOST[/PATH] [#n] FAULT [option…]`; docs/sandbox.md has the table.
 * Throws an ActionError that shows the word that is wrong.
 */
export function parseFault(text: string): FaultRule {
  const words = wordsOf(text)
  const [method = '', target = '', ...rest] = words
  if (!/^([A-Z]+|\*)$/.test(method)) wrong(text, `"${method}" is no method`, 'Start with a method in capitals, or *.')
  if (target === '' || target.startsWith('/') || target.startsWith('#')) {
    wrong(
      text,
      `"${target}" is no host`,
      'Write the host or the service after the method: upload.pypi.org/legacy/, pypi.'
    )
  }
  const occurrence = rest[0]?.startsWith('#') === true ? rest.shift() : undefined
  const action = parseAction(text, rest)
  const host = /^[^/?]*/.exec(target)?.[0] ?? ''
  const isEvery = action.kind === 'stale' && action.lag !== undefined
  return {
    text,
    method,
    host,
    target: glob(target.includes('/') ? target : `${target}/*`),
    withQuery: target.includes('?'),
    ...parseOccurrence(text, occurrence ?? (isEvery ? '#1+' : '#1')),
    action,
    label: rest.join(' ')
  }
}

/** Whether the rule is about this request; `addresses` are all the `host/path?query` it may be called by. */
export function matches(rule: FaultRule, method: string, addresses: readonly string[]): boolean {
  if (rule.method !== '*' && rule.method !== method) return false
  return addresses.some((address) => rule.target.test(rule.withQuery ? address : address.replace(/\?.*$/s, '')))
}

/** `*` stands for any text, slashes too; all else for itself. Host names match in any case. */
export function glob(pattern: string): RegExp {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*')
  return new RegExp(`^${source}$`, 'is')
}

function parseOccurrence(text: string, word: string): { first: number; last: number } {
  const found = /^#([1-9]\d*)(?:(\+)|-([1-9]\d*))?$/.exec(word)
  const first = Number(found?.[1])
  const last = found?.[2] === '+' ? Infinity : Number(found?.[3] ?? first)
  if (found === null || last < first)
    wrong(text, `"${word}" is no occurrence`, 'Write #2, #2-4 or #2+, counted from 1.')
  return { first, last }
}

function parseAction(text: string, words: readonly string[]): FaultAction {
  const plain = words.filter((word) => !word.includes('='))
  const options = optionsOf(text, words)
  const [first = '', ...flags] = plain[0] === 'status' ? plain.slice(1) : plain
  const parse = /^[1-5]\d\d$/.test(first) ? statusFault : faultWords[first]
  if (parse === undefined) {
    wrong(
      text,
      first === '' ? 'it names no fault' : `"${first}" is no fault`,
      `Name one of: 503, ${Object.keys(faultWords).join(', ')}.`
    )
  }
  const reader: WordReader = {
    text,
    first,
    flags: new Set(flags),
    options,
    take: (flag) => reader.flags.delete(flag),
    option(name) {
      const value = options.get(name)
      options.delete(name)
      return value
    }
  }
  const action = parse(reader)
  const left = [...reader.flags, ...[...options.keys()].map((name) => `${name}=`)][0]
  if (left !== undefined)
    wrong(text, `"${left}" does not go with ${first}`, 'docs/sandbox.md lists what each fault takes.')
  return action
}

interface WordReader {
  readonly text: string
  readonly first: string
  readonly flags: Set<string>
  readonly options: Map<string, string>
  take(flag: string): boolean
  option(name: string): string | undefined
}

const faultWords: Readonly<Record<string, (words: WordReader) => FaultAction>> = {
  'reset-before': () => ({ kind: 'reset', moment: 'before' }),
  'reset-body': () => ({ kind: 'reset', moment: 'body' }),
  'reset-after': () => ({ kind: 'reset', moment: 'after' }),
  stall: (words) => {
    const moment = words.take('after') ? 'after' : 'before'
    if (words.take('forever')) return { kind: 'stall', milliseconds: Infinity, moment }
    const milliseconds = takeDuration(words)
    if (milliseconds === undefined)
      wrong(words.text, 'stall has no time', 'Write stall 5s, stall 200ms or stall forever.')
    return { kind: 'stall', milliseconds, moment }
  },
  stale: (words) => {
    const lag = takeDuration(words)
    return { kind: 'stale', ...(lag !== undefined && { lag }) }
  },
  truncate: () => ({ kind: 'truncate' }),
  'corrupt-json': () => ({ kind: 'corrupt-json' })
}

function statusFault(words: WordReader): FaultAction {
  const html = words.take('html')
  const moment = words.take('partial') ? 'partial' : words.take('after') ? 'after' : 'before'
  const retryAfter = words.option('retry-after')
  const location = words.option('location')
  const body = words.option('body')
  return {
    kind: 'status',
    status: Number(words.first),
    moment,
    html,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(location !== undefined && { location }),
    ...(body !== undefined && { body })
  }
}

/** Takes `5s`, `1.5s` or `200ms` out of the words, in milliseconds. */
function takeDuration(words: WordReader): number | undefined {
  for (const flag of words.flags) {
    const found = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(flag)
    if (found === null) continue
    words.flags.delete(flag)
    return Number(found[1]) * (found[2] === 's' ? 1000 : 1)
  }
  return undefined
}

function optionsOf(text: string, words: readonly string[]): Map<string, string> {
  const options = new Map<string, string>()
  for (const word of words) {
    const at = word.indexOf('=')
    if (at === -1) continue
    const name = word.slice(0, at)
    if (options.has(name)) wrong(text, `"${name}=" stands twice`, 'Give each option once.')
    options.set(name, word.slice(at + 1))
  }
  return options
}

/** Splits at white space; `"…"` holds text with spaces, in JSON's escapes. */
function wordsOf(text: string): string[] {
  const words: string[] = []
  for (const found of text.matchAll(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+|"/g)) {
    if (found[0] === '"') wrong(text, 'a quotation mark is not closed', 'Close it, or write \\" for the mark itself.')
    words.push(found[0].replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => unquote(text, quoted)))
  }
  return words
}

function unquote(text: string, quoted: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    return wrong(text, `${quoted} is no quoted text`, 'Use the escapes of JSON: \\" \\\\ \\n \\u00e9.')
  }
}

function wrong(text: string, what: string, hint: string): never {
  fail({ code: 'fault-rule', message: `The fault rule "${text}" cannot be used: ${what}.`, hint })
}
