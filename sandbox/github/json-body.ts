import type { SandboxRequest } from '../service.ts'
import { invalidRequest, refuse } from './errors.ts'

export type FieldType = 'string' | 'boolean' | 'nullable-string'

type Value<T extends FieldType> = T extends 'string' ? string : T extends 'boolean' ? boolean : string | null

export type Fields<Schema extends Readonly<Record<string, FieldType>>> = {
  readonly [Name in keyof Schema]?: Value<Schema[Name]>
}

/**
 * The JSON object a client sent, with the fields that `schema` names checked for their type; others are ignored, as
 * GitHub does. Throws GitHub's 400 for what is no JSON object and 422 for a wrong type or a missing required field.
 */
export function readFields<const Schema extends Readonly<Record<string, FieldType>>>(
  request: SandboxRequest,
  schema: Schema,
  required: readonly (keyof Schema & string)[],
  documentation: string
): Fields<Schema> {
  const sent = parse(request.body, documentation)
  for (const name of required) {
    if (!(name in sent)) throw invalidRequest(`"${name}" wasn't supplied.`, documentation)
  }
  for (const [name, type] of Object.entries(schema)) {
    const value = sent[name]
    if (value !== undefined && !fits(value, type)) {
      const wanted = type === 'boolean' ? 'a boolean' : type === 'string' ? 'a string' : 'a string or null'
      throw invalidRequest(`For 'properties/${name}', ${JSON.stringify(value)} is not ${wanted}.`, documentation)
    }
  }
  return sent as Fields<Schema>
}

function parse(body: Buffer, documentation: string): Record<string, unknown> {
  const value = parseBody(body, documentation)
  if (Array.isArray(value)) throw refuse(400, 'Body should be a JSON object', documentation)
  return Object.fromEntries(Object.entries(value))
}

/** The object or the list that a client sent; an empty body is an empty object. Throws GitHub's 400 for anything else. */
export function parseBody(body: Buffer, documentation: string): object {
  if (body.length === 0) return {}
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    throw refuse(400, 'Problems parsing JSON', documentation)
  }
  if (typeof value !== 'object' || value === null) throw refuse(400, 'Body should be a JSON object', documentation)
  return value
}

function fits(value: unknown, type: FieldType): boolean {
  if (type === 'boolean') return typeof value === 'boolean'
  return typeof value === 'string' || (type === 'nullable-string' && value === null)
}
