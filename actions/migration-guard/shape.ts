import { editDistance } from '../shared/edit-distance.ts'
import type { Fault, Located, Place } from './located.ts'

/** What a value must be: reads it, and says the same as a JSON schema, so that editors and the guard never disagree. */
export interface Shape<T> {
  /** The value; undefined where `tell` was told what is wrong with it. */
  read(value: Located, tell: Tell): T | undefined
  readonly schema: JsonSchema
  /** Kinds of values that it takes, by which a choice between shapes decides. */
  readonly kinds: readonly Located['kind'][]
}

export type Tell = (at: Place, message: string, hint: string) => void

/** A JSON schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Reads a value by its shape: the value, or every fault of it. */
export function readShape<T>(
  shape: Shape<T>,
  value: Located
): { readonly value: T } | { readonly faults: readonly Fault[] } {
  const faults: Fault[] = []
  const read = shape.read(value, (at, message, hint) => faults.push({ at, message, hint }))
  return faults.length > 0 || read === undefined ? { faults } : { value: read }
}

/**
 * A text of a form.
 * @param pattern as JSON schema takes it: with the flag `u`
 * @param what completes "is no …": `path in this repository`
 */
export function text(pattern: string, what: string, example: string): Shape<string> {
  const form = new RegExp(pattern, 'u')
  return {
    kinds: ['text'],
    schema: { type: 'string', pattern, examples: [example] },
    read(value, tell) {
      if (value.kind !== 'text') {
        wrongKind(value, tell, `a text, such as ${example}`)
        return
      }
      if (form.test(value.value)) return value.value
      tell(value, `${JSON.stringify(value.value)} is no ${what}.`, `Write one such as \`${example}\`.`)
      return undefined
    }
  }
}

export function oneOf<const W extends string>(words: readonly W[]): Shape<W> {
  return {
    kinds: ['text'],
    schema: { enum: words },
    read(value, tell) {
      const known = value.kind === 'text' ? words.find((word) => word === value.value) : undefined
      if (known === undefined)
        tell(value, `${shown(value)} is none of the words that stand here.`, `Write ${listed(words)}.`)
      return known
    }
  }
}

export const flag: Shape<boolean> = {
  kinds: ['flag'],
  schema: { type: 'boolean' },
  read(value, tell) {
    if (value.kind === 'flag') return value.value
    wrongKind(value, tell, 'true or false')
  }
}

export function whole(least: number, most: number): Shape<number> {
  return {
    kinds: ['number'],
    schema: { type: 'integer', minimum: least, maximum: most },
    read(value, tell) {
      if (value.kind === 'number' && Number.isInteger(value.value) && value.value >= least && value.value <= most)
        return value.value
      wrongKind(value, tell, `a whole number from ${least} to ${most}`)
    }
  }
}

/** A list in which nothing stands twice. */
export function list<T>(item: Shape<T>, least = 0): Shape<readonly T[]> {
  return {
    kinds: ['list'],
    schema: { type: 'array', items: item.schema, uniqueItems: true, ...(least === 0 ? {} : { minItems: least }) },
    read(value, tell) {
      if (value.kind !== 'list') {
        wrongKind(value, tell, 'a list (`[one, other]`, or lines that begin with `- `)')
        return
      }
      if (value.items.length < least) {
        wrongKind(value, tell, `a list of at least ${least}`)
        return
      }
      const seen = new Set<string>()
      const read = value.items.map((each) => {
        const key = keyOf(each)
        if (seen.has(key)) tell(each, `${shown(each)} stands in this list twice.`, 'Take one of them away.')
        seen.add(key)
        return item.read(each, tell)
      })
      return read.every((each) => each !== undefined) ? read : undefined
    }
  }
}

/** One, or a list of them. */
export function oneOrMore<T>(item: Shape<T>, least = 1): Shape<readonly T[]> {
  const many = list(item, least)
  return {
    kinds: [...item.kinds, 'list'],
    schema: { anyOf: [item.schema, many.schema] },
    read(value, tell) {
      if (value.kind === 'list') return many.read(value, tell)
      const one = item.read(value, tell)
      return one === undefined ? undefined : [one]
    }
  }
}

/** The first of several shapes that takes values of this kind. */
export function either<A, B>(one: Shape<A>, other: Shape<B>): Shape<A | B> {
  return {
    kinds: [...one.kinds, ...other.kinds],
    schema: { anyOf: [one.schema, other.schema] },
    read: (value, tell): A | B | undefined =>
      one.kinds.includes(value.kind) ? one.read(value, tell) : other.read(value, tell)
  }
}

/** A shape whose value becomes another one. */
export function map<A, B>(shape: Shape<A>, become: (value: A) => B): Shape<B> {
  return {
    ...shape,
    read(value, tell) {
      const read = shape.read(value, tell)
      return read === undefined ? undefined : become(read)
    }
  }
}

/** What its values stand for, in the words that an editor shows. */
export function described<T>(shape: Shape<T>, description: string, standard?: unknown): Shape<T> {
  return {
    ...shape,
    schema: { description, ...(standard === undefined ? {} : { default: standard }), ...shape.schema }
  }
}

type Fields = Readonly<Record<string, Shape<unknown>>>
type ValueOf<S> = S extends Shape<infer T> ? T : never
type Required<F extends Fields> = { readonly [Key in keyof F]: ValueOf<F[Key]> }
type Optional<F extends Fields> = { readonly [Key in keyof F]?: ValueOf<F[Key]> }

/** A map of known keys. */
export function record<R extends Fields, O extends Fields>(required: R, optional: O): Shape<Required<R> & Optional<O>> {
  const fields: Readonly<Record<string, Shape<unknown>>> = { ...required, ...optional }
  const schemas = Object.fromEntries(Object.entries(fields).map(([key, { schema }]) => [key, schema]))
  const needed = Object.keys(required)
  return {
    kinds: ['map'],
    schema: {
      type: 'object',
      properties: schemas,
      additionalProperties: false,
      ...(needed.length === 0 ? {} : { required: needed })
    },
    read(value, tell) {
      if (value.kind !== 'map') {
        wrongKind(value, tell, `keys with values: ${Object.keys(fields).join(', ')}`)
        return
      }
      let sound = true
      const found: Record<string, unknown> = {}
      for (const { key, at, value: inner } of value.entries) {
        const shape = Object.hasOwn(fields, key) ? fields[key] : undefined
        const read = shape?.read(inner, tell)
        if (shape === undefined)
          tell(at, `The key ${JSON.stringify(key)} is not known here.`, unknownHint(key, Object.keys(fields)))
        if (read === undefined) sound = false
        else found[key] = read
      }
      for (const key of needed) {
        if (value.entries.some((entry) => entry.key === key)) continue
        tell(value, `The key ${key} is missing here.`, `Add \`${key}:\`.`)
        sound = false
      }
      return sound ? (found as Required<R> & Optional<O>) : undefined
    }
  }
}

/** A map of keys that a pattern tells. */
export function dictionary<T>(key: string, what: string, value: Shape<T>): Shape<Readonly<Record<string, T>>> {
  const form = new RegExp(key, 'u')
  return {
    kinds: ['map'],
    schema: { type: 'object', propertyNames: { pattern: key }, additionalProperties: value.schema },
    read(located, tell) {
      if (located.kind !== 'map') {
        wrongKind(located, tell, `keys that are each a ${what}`)
        return
      }
      let sound = true
      const found: Record<string, T> = {}
      for (const entry of located.entries) {
        const read = value.read(entry.value, tell)
        if (!form.test(entry.key)) tell(entry.at, `${JSON.stringify(entry.key)} is no ${what}.`, 'Correct its name.')
        if (read === undefined) sound = false
        else found[entry.key] = read
      }
      return sound ? found : undefined
    }
  }
}

function wrongKind(value: Located, tell: Tell, wanted: string): undefined {
  tell(value, `${shown(value)} stands where ${wanted} should.`, `Write ${wanted}.`)
  return undefined
}

function shown(value: Located): string {
  switch (value.kind) {
    case 'map':
      return 'A map'
    case 'list':
      return 'A list'
    case 'nothing':
      return 'Nothing'
    case 'text':
      return JSON.stringify(value.value.length > 100 ? `${value.value.slice(0, 100)}…` : value.value)
    case 'number':
    case 'flag':
      return String(value.value)
  }
}

/** Equal for values that are equal in JSON. */
function keyOf(value: Located): string {
  switch (value.kind) {
    case 'map':
      return `{${value.entries
        .map(({ key, value: inner }) => `${JSON.stringify(key)}:${keyOf(inner)}`)
        .toSorted()
        .join(',')}}`
    case 'list':
      return `[${value.items.map(keyOf).join(',')}]`
    case 'nothing':
      return 'null'
    case 'text':
    case 'number':
    case 'flag':
      return JSON.stringify(value.value)
  }
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}

/** With the known key that is nearest, where one is near. */
export function unknownHint(key: string, known: readonly string[]): string {
  const near = known
    .map((name) => ({ name, steps: editDistance(key.toLowerCase().replaceAll('_', '-'), name) }))
    .sort((one, other) => one.steps - other.steps)[0]
  // Longer names have more room for slips.
  return near !== undefined && near.steps <= 1 + Math.floor(near.name.length / 4)
    ? `Did you mean \`${near.name}\`?`
    : `What is known here: ${known.join(', ')}.`
}
