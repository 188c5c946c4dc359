import type { SandboxRequest } from '../service.ts'
import type { Links, Site } from './origins.ts'
import type { Actor } from './permissions.ts'
import type { Access, GithubState, Repository } from './state.ts'

/** An answer before it gets GitHub's headers: `body` is sent as JSON, `bytes` as they are. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly bytes?: Buffer
}

/** What an operation is given. `params` are the decoded values of the path template. */
export interface Call {
  readonly state: GithubState
  readonly request: SandboxRequest
  readonly links: Links
  readonly actor: Actor
  readonly params: Readonly<Record<string, string>>
  readonly documentation: string
}

export interface RepositoryCall extends Call {
  readonly repository: Repository
}

/** One operation of the REST interface, by the id that GitHub's OpenAPI description gives it. */
export type Operation = {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly site: Site
  /** Path template; `{ref}`, `{path}`, `{tag}` and `{basehead}` may hold slashes. */
  readonly path: string
  /** Fragment of the page at docs.github.com that errors of this operation name. */
  readonly documentation: string
} & (
  | { readonly scope: 'global'; readonly run: (call: Call) => Answer }
  | {
      readonly scope: 'repository'
      readonly needs: Need
      readonly run: (call: RepositoryCall) => Answer
    }
)

/** `permission` is a key of a workflow's `permissions:`. */
export interface Need {
  readonly permission: string
  readonly access: Access
  /** Other permissions that GitHub names beside it in `x-accepted-github-permissions`. */
  readonly orElse?: string
}

const slashed = new Set(['ref', 'path', 'tag', 'basehead'])

/**
 * The values of a template's parameters in a percent-encoded path, or undefined when it does not match.
 * A segment that cannot be decoded matches nothing.
 */
export function matchPath(template: string, path: string): Readonly<Record<string, string>> | undefined {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
  const pattern = template
    .split(/\{\w+\}/)
    .map((literal) => literal.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`))
    .reduce((built, literal, index) => built + (slashed.has(names[index - 1] ?? '') ? '(.+)' : '([^/]+)') + literal)
  const match = new RegExp(`^${pattern}$`).exec(path)
  if (match === null) return undefined
  try {
    return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]))
  } catch {
    return undefined
  }
}
