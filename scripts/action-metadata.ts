import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'

const root = dirname(import.meta.dirname)

/** Names of the actions that a workflow can use: root folders with an action.yml. */
export const frontDoors: readonly string[] = readdirSync(root)
  .filter((name) => existsSync(join(root, name, 'action.yml')))
  .sort()

/** What action.yml says of one action, as far as this project uses it. */
export interface ActionMetadata {
  readonly name: string
  readonly description: string
  readonly branding: { readonly icon: string; readonly color: string }
  readonly inputs: Readonly<Record<string, InputMetadata>>
  readonly outputs: Readonly<Record<string, OutputMetadata>>
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string }
}

export interface InputMetadata {
  readonly description: string
  readonly required: boolean
  /** Empty when there is none: the runner does not tell the two apart. */
  readonly default: string
}

export interface OutputMetadata {
  readonly description: string
}

/**
 * @param action name of a front door
 * @throws Error that names the key which is missing or of another type; an unquoted default is one (the runner would
 *   hand on YAML's reading of it)
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
 */
export function readActionMetadata(action: string): ActionMetadata {
  const path = join(root, action, 'action.yml')
  const file = mapping(parse(readFileSync(path, 'utf8')), `${action}/action.yml`)
  const branding = mapping(file['branding'], 'branding')
  const runs = mapping(file['runs'], 'runs')
  return {
    name: text(file, 'name'),
    description: text(file, 'description'),
    branding: { icon: text(branding, 'icon'), color: text(branding, 'color') },
    inputs: each(file['inputs'], 'inputs', (input) => ({
      description: text(input, 'description'),
      required: input['required'] === true,
      default: input['default'] === undefined ? '' : text(input, 'default')
    })),
    outputs: each(file['outputs'], 'outputs', (output) => ({ description: text(output, 'description') })),
    runs: {
      using: text(runs, 'using'),
      main: text(runs, 'main'),
      ...(runs['post'] === undefined ? {} : { post: text(runs, 'post') })
    }
  }
}

type Mapping = Readonly<Record<string, unknown>>

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mapping(value: unknown, place: string): Mapping {
  if (!isMapping(value)) throw new Error(`${place} is no mapping`)
  return value
}

function each<T>(value: unknown, place: string, read: (entry: Mapping) => T): Readonly<Record<string, T>> {
  const entries = Object.entries(mapping(value, place))
  return Object.fromEntries(entries.map(([name, entry]) => [name, read(mapping(entry, `${place}.${name}`))]))
}

function text(from: Mapping, key: string): string {
  const value = from[key]
  if (typeof value !== 'string') throw new Error(`${key} is ${JSON.stringify(value)}, not a string`)
  return value
}
