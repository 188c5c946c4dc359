import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Departure } from '../../../sandbox/github/departures.ts'
import { fetchedPackage } from './fetched-package.ts'
import type { Exchange } from './talk.ts'

/** Something in an answer that GitHub's description does not allow. */
export interface Complaint {
  readonly operation: string
  readonly status: number
  readonly kind: string
  /** The property or media type that it is about. */
  readonly property: string
  readonly text: string
}

export interface Validator {
  /** The id of the described operation that a request addresses, or `METHOD host` for none. */
  operationOf(exchange: Exchange): string
  complaints(exchange: Exchange): readonly Complaint[]
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>
    readonly responses: Readonly<Record<string, Response>>
  }
}

interface Operation {
  readonly operationId: string
  readonly servers?: readonly { readonly url: string }[]
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>
}

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: unknown }>>
}

/**
 * GitHub's own OpenAPI description, from the npm package `@octokit/openapi`. The package is 404 MB unpacked, so only
 * the file for api.github.com is taken out of it, and kept under `.tools/`.
 */
export function officialDescription(): Description {
  const member = 'generated/api.github.com.json'
  const folder = fetchedPackage('@octokit/openapi@23.0.2', [member])
  return JSON.parse(readFileSync(join(folder, member), 'utf8')) as Description
}

export function createValidator(description: Description): Validator {
  // `strict` would reject OpenAPI's own keywords; every format that the description uses is defined below.
  const ajv = new Ajv({ strict: false, allErrors: true, formats })
  ajv.addSchema({ $id: 'exact', components: { schemas: convert(description.components.schemas, true) } })
  ajv.addSchema({ $id: 'open', components: { schemas: convert(description.components.schemas, false) } })
  const compiled = new Map<string, ValidateFunction>()
  const check = (schema: unknown, base: 'exact' | 'open'): ValidateFunction => {
    const key = base + JSON.stringify(schema)
    const known = compiled.get(key)
    if (known !== undefined) return known
    const made = ajv.compile(rebase(convert(schema, base === 'exact'), base) as object)
    compiled.set(key, made)
    return made
  }
  const errorSchema = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` })

  const complaints = (exchange: Exchange): readonly Complaint[] => {
    const { status, json, text } = exchange
    const operation = find(description, exchange)
    const name = operation?.operationId ?? outside(exchange)
    const complain = (kind: string, property: string, because: string): Complaint => ({
      operation: name,
      status,
      kind,
      property,
      text: because
    })
    const mediaType = (exchange.headers['content-type'] ?? '').replace(/;.*$/, '')
    const against = (schema: unknown, base: 'exact' | 'open'): readonly Complaint[] => {
      const validate = check(schema, base)
      validate(mediaType === 'application/json' ? json : text)
      return (validate.errors ?? []).map((error) => complain(error.keyword, propertyOf(error), ajv.errorsText([error])))
    }
    // An answer to HEAD has the headers of the body that it does not carry.
    if (exchange.request.method === 'HEAD' && text === '') return []
    const unknownAddress = operation === undefined && status === 404 && mediaType === 'application/json'
    if (unknownAddress) return against(errorSchema('basic-error'), 'open')
    if (operation === undefined) return [complain('undescribed operation', '', name)]
    const listed = operation.responses[String(status)]
    const response = listed === undefined ? undefined : resolve(description, listed)
    if (response?.content !== undefined) {
      const media = response.content[mediaType]
      if (media !== undefined) return against(media.schema, status < 400 ? 'exact' : 'open')
      return [
        complain(
          mediaType.includes('json') && status >= 400 ? 'not JSON' : 'undescribed media type',
          mediaType,
          mediaType
        )
      ]
    }
    if (status < 400) {
      if (response === undefined) return [complain('undescribed status', String(status), `${name} lists no ${status}`)]
      return text === '' ? [] : [complain('unexpected body', '', `${name} describes no body for ${status}`)]
    }
    if (mediaType !== 'application/json') return [complain('not JSON', mediaType, text)]
    return status === 422
      ? against(errorSchema('validation-error'), 'open')
      : against(errorSchema('basic-error'), 'open')
  }
  return { operationOf: (exchange) => find(description, exchange)?.operationId ?? outside(exchange), complaints }
}

/** Whether the departure is about this complaint. */
export function excuses({ excuses: excuse }: Departure, complaint: Complaint): boolean {
  return (
    excuse.complaint === complaint.kind &&
    (excuse.operation === undefined || complaint.operation === excuse.operation) &&
    (excuse.status === undefined || complaint.status === excuse.status) &&
    (excuse.property === undefined || complaint.property === excuse.property)
  )
}

function outside({ request }: Exchange): string {
  const { hostname, pathname } = request.url
  const known = hostname === 'api.github.com' ? hostname + pathname : hostname
  return `${request.method} ${known}`
}

/** The described operation with the most literal path that matches. */
function find(description: Description, { request }: Exchange): Operation | undefined {
  const enterprise = /^\/api\/(v3|uploads)(?=\/)/.exec(request.url.pathname)
  const host =
    enterprise === null ? request.url.hostname : enterprise[1] === 'v3' ? 'api.github.com' : 'uploads.github.com'
  const path = enterprise === null ? request.url.pathname : request.url.pathname.slice(enterprise[0].length)
  const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase()
  return Object.entries(description.paths)
    .filter(([template]) => matches(template, path))
    .sort(([a], [b]) => parameters(a) - parameters(b) || literals(b) - literals(a))
    .map(([, methods]) => methods[method])
    .find((operation) => operation !== undefined && serverOf(operation) === host)
}

function parameters(template: string): number {
  return template.match(/\{/g)?.length ?? 0
}

function literals(template: string): number {
  return template.replaceAll(/\{\w+\}/g, '').length
}

function serverOf(operation: Operation): string {
  return new URL(operation.servers?.[0]?.url ?? 'https://api.github.com').hostname
}

const slashed = ['ref', 'tag', 'path', 'basehead']

/** Tags, references and file paths may hold slashes, which OpenAPI cannot say. */
function matches(template: string, path: string): boolean {
  const source = template
    .replaceAll(/[.+]/g, String.raw`\$&`)
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => (slashed.includes(name) ? '.+' : '[^/]+'))
  return new RegExp(`^${source}$`).test(path)
}

function resolve(description: Description, response: Response | { readonly $ref: string }): Response | undefined {
  if (!('$ref' in response)) return response
  return description.components.responses[response.$ref.replace('#/components/responses/', '')]
}

function propertyOf(error: ErrorObject): string {
  if (error.keyword === 'additionalProperties') return String(error.params['additionalProperty'])
  return error.instancePath.split('/').at(-1) ?? ''
}

/**
 * OpenAPI 3.0 schema → JSON Schema: `nullable` becomes a type, examples go. `exact` also forbids properties that the
 * description does not name, so that the sandbox tells nothing GitHub would not.
 */
function convert(schema: unknown, exact: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((item: unknown) => convert(item, exact))
  if (typeof schema !== 'object' || schema === null) return schema
  const nullable = 'nullable' in schema && schema.nullable === true
  const converted: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !['nullable', 'example', 'examples'].includes(key))
      .map(([key, value]: [string, unknown]) => [key, convert(value, exact)])
  )
  const closed =
    exact && 'properties' in converted && converted['type'] === 'object' && !('additionalProperties' in converted)
      ? { ...converted, additionalProperties: false }
      : converted
  return nullable ? { anyOf: [closed, { type: 'null' }] } : closed
}

function rebase(schema: unknown, base: string): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', `"${base}#/components/`)) as unknown
}

const formats = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/,
  uri: (text: string) => URL.canParse(text) && !/[{}\s]/.test(text),
  'uri-template': true,
  email: /^[^\s@]+@[^\s@]+$/,
  int64: true,
  int32: true,
  date: true,
  timestamp: true,
  float: true,
  hostname: true,
  ipv4: true,
  ipv6: true
} as const
