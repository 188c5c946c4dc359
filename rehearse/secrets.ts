import { randomBytes } from 'node:crypto'

/** A secret as the rehearsed workflow sees it. */
export interface Secret {
  readonly name: string
  readonly value: string
  /** What the value opens in the sandbox; `nothing` for one that no service there knows. */
  readonly opens: 'pypi' | 'testpypi' | 'github' | 'hex' | 'slack' | 'database' | 'nothing'
  readonly given: boolean
}

/** Names that follow `secrets.` in a workflow's text, in capitals as GitHub keeps them; GITHUB_TOKEN is not one of them. */
export function secretNames(texts: readonly string[]): readonly string[] {
  return contextNames('secrets', texts).filter((name) => name !== 'GITHUB_TOKEN')
}

/** Names that follow `vars.`. */
export function variableNames(texts: readonly string[]): readonly string[] {
  return contextNames('vars', texts)
}

/**
 * Makes up a value for every name: one that has the shape which the service behind it gives out, so that clients that
 * look at the shape take it.
 *
 * @param given values from the command line; one that looks like an index's token is taken by that index, any other
 *   opens nothing, so that a wrong secret can be rehearsed too
 * @param database the rehearsal's, where it has one
 */
export function inventSecrets(
  names: readonly string[],
  given: ReadonlyMap<string, string>,
  database?: { address(secret: string): string }
): readonly Secret[] {
  return [...new Set([...names, ...given.keys()])].map((name) => {
    if (database !== undefined && !given.has(name) && databaseSecret.test(name))
      return { name, value: database.address(name), opens: 'database', given: false }
    const shape = shapes.find(({ pattern }) => pattern.test(name)) ?? anything
    const value = given.get(name)
    if (value === undefined) return { name, value: shape.invent(name), opens: shape.opens(name), given: false }
    return { name, value, opens: shape.fits(value) ? shape.opens(name) : 'nothing', given: true }
  })
}

/**
 * The same values as in the runs before, where a repository has several: what one encrypts, a later one must open.
 *
 * @param kept values by repository and name; gets those that are new
 */
export function keepSecrets(
  secrets: readonly Secret[],
  repository: string,
  kept: Map<string, string>
): readonly Secret[] {
  return secrets.map((secret) => {
    if (secret.given) return secret
    const key = `${repository}\0${secret.name}`
    const value = kept.get(key) ?? secret.value
    kept.set(key, value)
    return { ...secret, value }
  })
}

/** A token like the one that GitHub gives every job. */
export function inventToken(): string {
  return `ghs_${letters(36)}`
}

/** Names of secrets that hold a database's address. */
const databaseSecret = /DATABASE_URL|POSTGRES_URL/

interface Shape {
  readonly pattern: RegExp
  readonly opens: (name: string) => Secret['opens']
  readonly invent: (name: string) => string
  readonly fits: (value: string) => boolean
}

const nothing = (): 'nothing' => 'nothing'
const index = (name: string): Secret['opens'] => (/TEST/.test(name) ? 'testpypi' : 'pypi')

const anything: Shape = {
  pattern: /./,
  opens: nothing,
  invent: (name) => `rehearsed-${name.toLowerCase().replaceAll('_', '-')}-${letters(12)}`,
  fits: () => false
}

const shapes: readonly Shape[] = [
  // The user name that goes with an API token (https://pypi.org/help/#apitoken).
  { pattern: /(PYPI|TWINE|UV_PUBLISH).*USER/, opens: nothing, invent: () => '__token__', fits: () => false },
  {
    pattern: /PYPI|TWINE|UV_PUBLISH/,
    opens: index,
    // A macaroon: version 2, location pypi.org (or test.pypi.org), then the identifier.
    invent: (name) => `pypi-${index(name) === 'testpypi' ? 'AgENdGVzdC5weXBpLm9yZw' : 'AgEIcHlwaS5vcmc'}${letters(80)}`,
    fits: (value) => value.startsWith('pypi-')
  },
  {
    pattern: /^(GH|GITHUB)_.*|.*(GH|GITHUB)_(TOKEN|PAT)$|^(PAT|RELEASE_TOKEN)$/,
    opens: () => 'github',
    invent: () => `ghp_${letters(36)}`,
    fits: (value) => /^(ghp_|ghs_|gho_|ghu_|github_pat_)/.test(value)
  },
  // Keys of hex.pm: 32 hex digits today, `hex_` and 40 of them to come.
  {
    pattern: /HEX/,
    opens: () => 'hex',
    invent: () => randomBytes(16).toString('hex'),
    fits: (value) => /^(hex_[0-9a-f]{40}|[0-9a-f]{32})$/.test(value)
  },
  { pattern: /NPM/, opens: nothing, invent: () => `npm_${letters(36)}`, fits: () => false },
  {
    pattern: /SLACK.*(WEBHOOK|URL)/,
    opens: () => 'slack',
    invent: slackAddress,
    fits: (value) => /^https:\/\/hooks\.slack\.com\/services\/[\w/]+$/.test(value)
  },
  {
    pattern: databaseSecret,
    opens: nothing,
    invent: () => `postgresql://rehearsal:${letters(12)}@db.invalid:5432/app`,
    fits: () => false
  }
]

function slackAddress(): string {
  return `https://hooks.slack.com/services/T00000000/B00000000/${letters(24)}`
}

function letters(count: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return Array.from(randomBytes(count), (byte) => alphabet.charAt(byte % alphabet.length)).join('')
}

function contextNames(context: string, texts: readonly string[]): readonly string[] {
  const pattern = new RegExp(`\\b${context}\\s*(?:\\.\\s*([A-Za-z_][\\w-]*)|\\[\\s*'([^']+)'\\s*\\])`, 'g')
  const names = texts.flatMap((text) =>
    // Only inside expressions: prose and comments may speak of secrets too.
    [...text.matchAll(/\$\{\{([\s\S]*?)\}\}|^\s*-?\s*if:(.*)$/gm)].flatMap((expression) =>
      [...(expression[1] ?? expression[2] ?? '').matchAll(pattern)].map((match) =>
        (match[1] ?? match[2] ?? '').toUpperCase()
      )
    )
  )
  return [...new Set(names)].filter((name) => name !== '').toSorted()
}
