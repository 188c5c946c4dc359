import type { InputReader } from '../shared/inputs.ts'
import type { Remark } from '../shared/problem.ts'
import { shortestSecret } from '../shared/secrets.ts'
import {
  passwordsOf,
  readDatabaseUrl,
  secretsOf,
  type DatabaseUrl,
  type OtherDatabase
} from './database/database-url.ts'
import type { Urls } from './inputs.ts'

/** Reads the addresses of databases, from the inputs and, where they are silent, from the environment. Masks them. */
export function readUrls(reader: InputReader, env: NodeJS.ProcessEnv): Urls {
  const given = (text: string | undefined, name: string, variables: readonly string[]): Address =>
    addressOf(text, name, variables, env)
  let other: OtherDatabase | undefined
  const read = (from: Address): DatabaseUrl | undefined => {
    if (from === undefined) return undefined
    reader.hide(from.text)
    const parsed = readDatabaseUrl(from.text, from.name, env)
    if ('problems' in parsed) for (const problem of parsed.problems) reader.reject(problem)
    if ('other' in parsed) {
      other ??= parsed
      for (const secret of passwordsOf(parsed)) reader.hide(secret)
    }
    if (!('url' in parsed)) return undefined
    for (const secret of secretsOf(parsed.url, from.text)) reader.hide(secret)
    return parsed.url
  }
  const ofDatabase = given(reader.text('database-url'), 'database-url', ['DATABASE_URL'])
  const ofDirect = given(reader.text('direct-database-url'), 'direct-database-url', directVariables)
  if (ofDatabase === undefined && ofDirect === undefined) {
    reader.reject({
      code: 'deploy-no-database',
      message: 'No database is named: input database-url is empty, and so is the variable DATABASE_URL.',
      hint: 'Write `database-url: ${{ secrets.DATABASE_URL }}`. Secrets of an environment reach only jobs with `environment:`.'
    })
  }
  const direct = read(ofDirect)
  const database = read(ofDatabase) ?? direct
  return {
    database,
    direct: direct ?? database,
    scratch: read(given(reader.text('scratch-url'), 'scratch-url', ['SCRATCH_DATABASE_URL'])),
    smoke: read(given(reader.text('smoke-url'), 'smoke-url', ['SMOKE_DATABASE_URL'])) ?? database,
    other
  }
}

/**
 * Passwords that are too short to be hidden (`shortestSecret`): of services of a job, mostly. Production is not changed with
 * one; what a job's own commands print of it elsewhere is there to be read.
 */
export function unhidden({ database, direct, scratch, smoke, other }: Urls): Remark | undefined {
  const passwords = [
    ...[database, direct, scratch, smoke].map((url) => url?.password),
    ...(other === undefined ? [] : passwordsOf(other))
  ]
  const short = passwords.some((word) => word !== undefined && word !== '' && word.length < shortestSecret)
  if (!short) return undefined
  return {
    level: 'warning',
    problem: {
      code: 'secret-too-short',
      message: `The password of a database has fewer than ${shortestSecret} characters, too few to be hidden in logs and summaries.`,
      hint: `Give the role a password of at least ${shortestSecret} characters. Until then everybody who reads this log may see it, where a command of the job prints it.`
    }
  }
}

/**
 * Which database the run is for where it is no PostgreSQL, before anything is judged: other rooms are taken then.
 * @returns its name as Prisma calls it
 */
export function readOther(reader: InputReader, env: NodeJS.ProcessEnv): string | undefined {
  const direct = addressOf(reader.text('direct-database-url'), 'direct-database-url', directVariables, env)
  const address = direct ?? addressOf(reader.text('database-url'), 'database-url', ['DATABASE_URL'], env)
  if (address === undefined) return undefined
  reader.hide(address.text)
  const read = readDatabaseUrl(address.text, address.name, env)
  return 'other' in read ? read.other : undefined
}

const directVariables = ['DIRECT_DATABASE_URL', 'DIRECT_URL']

type Address = { readonly text: string; readonly name: string } | undefined

/** An input, or the first of the variables that holds something. */
function addressOf(
  text: string | undefined,
  name: string,
  variables: readonly string[],
  env: NodeJS.ProcessEnv
): Address {
  if (text !== undefined) return { text, name }
  const variable = variables.find((each) => (env[each] ?? '').trim() !== '')
  return variable === undefined ? undefined : { text: (env[variable] ?? '').trim(), name: variable }
}
