import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import type { Problem } from '../actions/shared/problem.ts'

/** Plain data as YAML gives it. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain | undefined }
export type Mapping = Readonly<Record<string, Plain | undefined>>

/** A workflow file, read but not judged: the parts that a rehearsal needs to know before it starts. */
export interface Workflow {
  /** Path as the repository knows it, `.github/workflows/release.yml`. */
  readonly path: string
  readonly text: string
  /** The whole file as plain data. */
  readonly content: Mapping
  readonly name?: string
  readonly on: Plain
  readonly permissions: Plain | undefined
  readonly jobs: readonly Job[]
}

/** One job, with everything that may be an expression still as written. */
export interface Job {
  readonly id: string
  readonly name?: string
  readonly needs: readonly string[]
  readonly runsOn: Plain | undefined
  readonly matrix: Plain | undefined
  readonly permissions: Plain | undefined
  /** Name of its environment. */
  readonly environment?: string
  /** Image of its `container:`. */
  readonly container?: string
  /** Its service containers by name, as written. */
  readonly services: Mapping
  /** Reusable workflow that it calls, with what it hands over. */
  readonly call?: { readonly uses: string; readonly with: Mapping; readonly secrets: Plain | undefined }
  readonly steps: readonly Step[]
}

export interface Step {
  readonly index: number
  readonly uses?: string
  readonly run?: string
  readonly with: Mapping
}

/**
 * Reads a workflow file.
 *
 * @param file where the bytes are
 * @param path the path to give in messages, relative to the repository
 */
export function readWorkflow(file: string, path: string): { workflow: Workflow } | { problems: Problem[] } {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return {
      problems: [
        { code: 'rehearse-no-workflow', message: `there is no file ${path}`, hint: 'name a workflow with --workflow' }
      ]
    }
  }
  return parseWorkflow(text, path)
}

/** Like `readWorkflow`, for text at hand. */
export function parseWorkflow(text: string, path: string): { workflow: Workflow } | { problems: Problem[] } {
  const document = parseDocument(text, { version: '1.2', merge: false })
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => ({
        code: 'rehearse-bad-workflow',
        message: `not YAML: ${error.message.split('\n')[0] ?? ''}`,
        hint: 'mend the file; GitHub would refuse it too',
        file: path,
        ...(error.linePos?.[0].line !== undefined && { line: error.linePos[0].line })
      }))
    }
  }
  let top: Mapping
  try {
    top = mapping(plain(document.toJS()))
  } catch (error) {
    // Aliases of aliases that would grow beyond all bounds, which the library counts (`maxAliasCount`).
    const reason = error instanceof Error ? error.message : String(error)
    return {
      problems: [
        {
          code: 'rehearse-bad-workflow',
          message: `not YAML: ${reason}`,
          hint: 'write it with fewer aliases',
          file: path
        }
      ]
    }
  }
  const jobs = mapping(top['jobs'])
  if (Object.keys(jobs).length === 0) {
    return {
      problems: [
        {
          code: 'rehearse-bad-workflow',
          message: 'it has no jobs',
          hint: 'name a workflow file with --workflow',
          file: path
        }
      ]
    }
  }
  return {
    workflow: {
      path,
      text,
      content: top,
      ...(typeof top['name'] === 'string' && { name: top['name'] }),
      on: top['on'] ?? null,
      permissions: top['permissions'],
      jobs: Object.entries(jobs).map(([id, value]) => readJob(id, mapping(value)))
    }
  }
}

/** The steps of a composite action's metadata; empty for any other action. */
export function compositeSteps(text: string): readonly Step[] {
  const runs = runsOf(text)
  return runs['using'] === 'composite' ? readSteps(runs['steps']) : []
}

/** The kind of runtime that an action's metadata asks for, `node24`, `composite`, `docker`. */
export function actionRuntime(text: string): string {
  const using = runsOf(text)['using']
  return typeof using === 'string' ? using.toLowerCase() : ''
}

/** The `runs` of an action's metadata; empty when the file cannot be read, which act tells in its own words. */
function runsOf(text: string): Mapping {
  try {
    return mapping(mapping(plain(parseDocument(text).toJS()))['runs'])
  } catch {
    return {}
  }
}

function readJob(id: string, job: Mapping): Job {
  const strategy = mapping(job['strategy'])
  const environment = typeof job['environment'] === 'string' ? job['environment'] : mapping(job['environment'])['name']
  const container = typeof job['container'] === 'string' ? job['container'] : mapping(job['container'])['image']
  return {
    id,
    ...(typeof job['name'] === 'string' && { name: job['name'] }),
    needs: list(job['needs']).map(String),
    runsOn: job['runs-on'],
    matrix: strategy['matrix'],
    permissions: job['permissions'],
    ...(typeof environment === 'string' && environment !== '' && { environment }),
    ...(typeof container === 'string' && container !== '' && { container }),
    services: mapping(job['services']),
    ...(typeof job['uses'] === 'string' && {
      call: { uses: job['uses'], with: mapping(job['with']), secrets: job['secrets'] }
    }),
    steps: readSteps(job['steps'])
  }
}

function readSteps(value: Plain | undefined): Step[] {
  return list(value).map((step, index) => {
    const { uses, run, with: given } = mapping(step)
    return {
      index,
      with: mapping(given),
      ...(typeof uses === 'string' && { uses }),
      ...(typeof run === 'string' && { run })
    }
  })
}

/** The value as a mapping; empty when it is none. */
export function mapping(value: Plain | undefined): Mapping {
  return isMapping(value) ? value : {}
}

export function isMapping(value: Plain | undefined): value is { readonly [key: string]: Plain | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as a list: itself, the one thing it is, or nothing. */
export function list(value: Plain | undefined): readonly Plain[] {
  if (value === undefined || value === null) return []
  return isList(value) ? value : [value]
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value)
}

/** Narrows what the YAML library gives (`unknown`) to plain data; dates and the like become text. */
export function plain(value: unknown): Plain {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  return typeof value === 'bigint' ? Number(value) : null
}
