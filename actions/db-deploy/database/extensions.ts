import type { Problem } from '../../shared/problem.ts'
import type { Check } from '../check.ts'
import type { Session } from './session.ts'
import { optionalTextOf, quoteIdentifier, textOf } from './sql.ts'

export interface ExtensionExpectation {
  readonly name: string
  /** Absent: any version. */
  readonly version?: { readonly operator: '>=' | '>' | '='; readonly text: string }
}

/** Reads `vector>=0.8.0`, `postgis = 3.4` and `uuid-ossp`, one a line or with commas between. */
export function readExtensions(written: readonly string[]): {
  readonly expectations: readonly ExtensionExpectation[]
  readonly problems: readonly Problem[]
} {
  const expectations: ExtensionExpectation[] = []
  const problems: Problem[] = []
  for (const text of written.flatMap((line) => line.split(',')).map((one) => one.trim())) {
    if (text === '') continue
    const [, name, operator, version] = /^([\w-]+)\s*(?:(>=|>|==|=)\s*v?(\d+(?:\.\d+)*))?$/.exec(text) ?? []
    if (name === undefined)
      problems.push({
        code: 'extension-expectation-invalid',
        message: `Input extensions has ${JSON.stringify(text)}, which is no name of an extension with a version.`,
        hint: 'Write names, with `>=`, `>` or `=` and a version where one is needed: `vector>=0.8.0, uuid-ossp`.'
      })
    else if (version === undefined) expectations.push({ name })
    else
      expectations.push({
        name,
        version: { operator: operator === '>' || operator === '>=' ? operator : '=', text: version }
      })
  }
  return { expectations, problems }
}

/** `now`, or before these texts of migrations run. */
export type ExtensionTime = 'now' | { readonly pending: readonly string[] }

/**
 * Whether the extensions are there, and new enough. One that is only available may still be created by what is pending: it
 * is good where that says so, and otherwise not known until it is asked for again, `now`.
 */
export async function extensionChecks(
  session: Session,
  written: readonly string[],
  when: ExtensionTime
): Promise<readonly Check[]> {
  const { expectations, problems } = readExtensions(written)
  const unread = problems.map((problem): Check => ({
    id: 'extensions',
    title: 'Extensions',
    told: 'input extensions',
    result: 'failed',
    problem
  }))
  if (expectations.length === 0) return unread
  const rows = await session.query(
    `SELECT wanted.name, e.extversion AS installed, a.default_version AS available,
       (SELECT count(*) FROM pg_available_extension_versions v WHERE v.name = wanted.name AND v.version = wanted.version) > 0 AS exact
     FROM unnest($1::text[], $2::text[]) AS wanted (name, version)
     LEFT JOIN pg_extension e ON e.extname = wanted.name
     LEFT JOIN pg_available_extensions a ON a.name = wanted.name`,
    [expectations.map(({ name }) => name), expectations.map(({ version }) => version?.text ?? '')]
  )
  return [
    ...unread,
    ...expectations.map((expected) => {
      const row = rows.find((one) => textOf(one, 'name') === expected.name)
      const there = { installed: optionalTextOf(row, 'installed'), available: optionalTextOf(row, 'available') }
      return extensionCheck(expected, there, row?.['exact'] === true, when)
    })
  ]
}

function extensionCheck(
  { name, version }: ExtensionExpectation,
  { installed, available }: { readonly installed: string | undefined; readonly available: string | undefined },
  exact: boolean,
  when: ExtensionTime
): Check {
  const check = { id: `extension-${name.replaceAll('_', '-')}`, title: `Extension ${name}` }
  const wanted = version === undefined ? name : `${name} ${version.operator} ${version.text}`
  const failed = (code: string, told: string, message: string, hint: string): Check => ({
    ...check,
    told,
    result: 'failed',
    problem: { code, message, hint }
  })
  const offered = available !== undefined && (meets(available, version) || exact)
  if (installed !== undefined) {
    if (meets(installed, version)) return { ...check, told: installed, result: 'ok' }
    return failed(
      'extension-version',
      `${installed}, and ${wanted} is needed`,
      `The extension ${name} is there in version ${installed}, and ${wanted} is needed.`,
      offered
        ? `Run \`ALTER EXTENSION ${quoteIdentifier(name)} UPDATE${exact && version !== undefined ? ` TO '${version.text}'` : ''}\`: the server has ${exact && version !== undefined ? version.text : available}.`
        : `The server offers ${available ?? 'no version'}: install a newer one there (an image or a plan that has it).`
    )
  }
  if (!offered)
    return failed(
      available === undefined ? 'extension-missing' : 'extension-version',
      available === undefined
        ? 'the server does not have it'
        : `the server offers ${available}, and ${wanted} is needed`,
      available === undefined
        ? `The server does not have the extension ${name}, so no migration can create it.`
        : `The extension ${name} is not there, and the server offers ${available}, where ${wanted} is needed.`,
      'Install it on the server, or use an image or a plan that has it: for vector `pgvector/pgvector:pg18` instead of `postgres:18`.'
    )
  if (when !== 'now') {
    const creates = new RegExp(`create\\s+extension\\s+(?:if\\s+not\\s+exists\\s+)?\\\\?"?${name}\\b`, 'i')
    if (when.pending.some((text) => creates.test(text)))
      return { ...check, told: `created by what is pending; the server has ${available}`, result: 'ok' }
    return {
      ...check,
      told: `not created yet; the server has ${available}`,
      result: 'not checked',
      next: 'It is asked for again after the migrations, and must be there then.'
    }
  }
  return failed(
    'extension-missing',
    `not created; the server has ${available}`,
    `The extension ${name} is not created in this database.`,
    `Run \`CREATE EXTENSION ${quoteIdentifier(name)}\`, best in a migration.`
  )
}

/** Versions of extensions are texts; the expectation's are numbers with dots, and only those are compared. */
function meets(actual: string, version: ExtensionExpectation['version']): boolean {
  if (version === undefined) return true
  const order = compared(actual, version.text)
  if (order === undefined) return false
  if (version.operator === '=') return order === 0
  return version.operator === '>' ? order > 0 : order >= 0
}

function compared(left: string, right: string): number | undefined {
  // `3.4.2dev` is before nothing and after nothing that could be said: its numbers count.
  const numbers = (text: string): number[] | undefined => /^\d+(?:\.\d+)*/.exec(text)?.[0].split('.').map(Number)
  const [a, b] = [numbers(left), numbers(right)]
  if (a === undefined || b === undefined) return undefined
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
