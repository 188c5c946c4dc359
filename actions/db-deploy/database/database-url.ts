import { isIPv6 } from 'node:net'
import type { Problem } from '../../shared/problem.ts'
import { sslModes } from './tls.ts'
import { listed, otherDatabase, schemeProblem } from './url-scheme.ts'

/** Where a database is and who connects: a connection URL, taken apart. */
export interface DatabaseUrl {
  /** More than one where the URL names several; a socket's folder begins with `/`. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
  /** Every other parameter as given, decoded: libpq's, Prisma's and others. */
  readonly parameters: ReadonlyMap<string, string>
  /** Prisma's `?schema=`, `public` where there is none. */
  readonly schema: string
  /** Without password and parameters: `postgresql://deployer@db.example.org:5432/app`. */
  readonly shown: string
}

/** A database that is not PostgreSQL: its own tool alone works on it, and gets the address as it was given. */
export interface OtherDatabase {
  /** By Prisma's name of the provider: `mysql`. */
  readonly other: string
  /** As far as the address says it; '' where it does not. */
  readonly name: string
  /** A secret. */
  readonly address: string
}

/** A URL that can be used, the database that it is for where that is not PostgreSQL, or what is wrong with it. */
export type ReadUrl = { readonly url: DatabaseUrl } | OtherDatabase | { readonly problems: readonly Problem[] }

/**
 * Reads a connection URL as libpq does (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS),
 * and more kindly where it is clear what is meant: an `@` in a password, a lone `%`. Prisma and Ecto read URLs by other
 * rules; what they would take for something else is a problem here, and every URL that is handed on is written anew.
 *
 * @param input where the text comes from, for the problems' texts: `database-url`
 * @param environment libpq's own variables, for what the URL is silent about: PGSSLMODE, PGSSLROOTCERT …
 */
export function readDatabaseUrl(
  text: string,
  input: string,
  environment: Readonly<Record<string, string | undefined>> = {}
): ReadUrl {
  const trimmed = text.trim()
  const other = otherDatabase(trimmed)
  if (other !== undefined) return { other, name: nameIn(trimmed), address: trimmed }
  const unusable = schemeProblem(trimmed, input)
  if (unusable !== undefined) return { problems: [unusable] }
  const parts = taken(trimmed)
  const problems: Problem[] = []
  const reject = (message: string, hint: string): void => {
    problems.push({ code: 'database-url-invalid', message: `The URL in ${input} ${message}.`, hint })
  }
  const decode = (part: string, what: string): string => {
    const text = decoded(part)
    if (text === undefined) reject(`has a ${what} with bytes that are no text (a %00, or no UTF-8)`, encodeHint)
    return text ?? ''
  }

  const stray = strayCharacter(trimmed, parts)
  if (stray !== undefined) {
    reject(`has ${stray}, which means something else in a URL`, encodeHint)
    return { problems }
  }
  const parameters = new Map(
    parts.query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [name = '', ...value] = pair.split('=')
        return [decode(form(name), 'parameter'), decode(form(value.join('=')), `value of ${name}`)] as const
      })
  )
  const take = (name: string): string | undefined => {
    const value = parameters.get(name)
    parameters.delete(name)
    return value === '' ? undefined : value
  }
  // libpq: parameters say it again, and win.
  const user = take('user') ?? (parts.user === '' ? undefined : decode(parts.user, 'user'))
  const password = take('password') ?? (parts.password === undefined ? undefined : decode(parts.password, 'password'))
  const database = take('dbname') ?? decode(parts.database, 'database')
  const hosts = readHosts(take('host'), take('port'), parts.hosts, decode, reject)
  if (database === '')
    reject('names no database', 'Write the database behind the host: `postgresql://user:password@host:5432/database`.')
  for (const [variable, name] of fromEnvironment) {
    const value = environment[variable]
    if (value !== undefined && value !== '' && !parameters.has(name)) parameters.set(name, value)
  }
  for (const [name, words] of Object.entries(knownWords)) {
    const value = parameters.get(name)
    if (value !== undefined && !words.includes(value))
      reject(
        `has ${name}=${JSON.stringify(value.slice(0, 40))}, which libpq refuses and Prisma takes for its default`,
        `Write one of: ${words.join(', ')}.`
      )
  }
  if (problems.length > 0) return { problems }
  const schema = parameters.get('schema') ?? ''
  const unshown = { hosts, database, user, password, parameters, schema: schema === '' ? 'public' : schema }
  return { url: { ...unshown, shown: shownUrl(unshown) } }
}

/** The same server and role, another database. */
export function withDatabase(url: DatabaseUrl, database: string): DatabaseUrl {
  const other = { ...url, database }
  return { ...other, shown: shownUrl(other) }
}

/** The passwords in the address of another database, as written and decoded. */
export function passwordsOf({ address }: OtherDatabase): readonly string[] {
  const user = /^[\w+.-]+:\/\/[^:@]*:(.*)@/s.exec(address)?.[1]
  const properties = [...address.matchAll(/;\s*(?:password|pwd)=([^;]*)/gi)].map((match) => match[1])
  return [user, ...properties].flatMap((password) =>
    password === undefined ? [] : [password, decoded(password) ?? '']
  )
}

/** A database's name, or a file's; '' where the address does not end in one: what stands there may be a password. */
function nameIn(address: string): string {
  const [, named] = /;\s*(?:database|initial catalog)=([^;]*)/i.exec(address) ?? []
  const [, path = ''] = /^(?:[\w+.-]+:\/\/[^/?;#]*\/|file:)([^?;#]*)/i.exec(address) ?? []
  const name = decoded(named ?? path.slice(path.lastIndexOf('/') + 1)) ?? ''
  return name.includes('@') ? '' : name
}

/** The same database, asked for at one of its hosts: whoever found the one that takes writes hands that on. */
export function atHost(url: DatabaseUrl, host: DatabaseUrl['hosts'][number]): DatabaseUrl {
  const one = { ...url, hosts: [host] }
  return { ...one, shown: shownUrl(one) }
}

/**
 * Everything of a URL that nobody may see: the whole of it, and the password alone and with its user, each as written,
 * decoded and encoded again.
 *
 * @param text as it was given
 */
export function secretsOf(url: DatabaseUrl, text: string): readonly string[] {
  const written = otherDatabase(text.trim()) === undefined ? taken(text.trim()) : undefined
  const { password } = url
  const words = [written?.password, password, password === undefined ? undefined : encodeURIComponent(password)]
  const secrets = [
    text,
    ...words,
    ...words.flatMap((word) =>
      word === undefined ? [] : [`${written?.user ?? ''}:${word}`, `${url.user ?? ''}:${word}`]
    ),
    ...['sslpassword', 'password'].map((name) => url.parameters.get(name))
  ]
  return [...new Set(secrets.filter((secret) => secret !== undefined && secret !== '' && secret !== ':'))] as string[]
}

const encodeHint =
  'Percent-encode user, password and database: `@` is `%40`, `/` `%2F`, `?` `%3F`, `#` `%23`, `:` `%3A`, `%` `%25`, a space `%20`. `node -p "encodeURIComponent(process.argv[1])" \'…\'` does it.'

/** libpq's variables for what concerns a connection as such; who and where is the URL's alone. */
const fromEnvironment: readonly (readonly [variable: string, parameter: string])[] = [
  ['PGSSLMODE', 'sslmode'],
  ['PGSSLROOTCERT', 'sslrootcert'],
  ['PGSSLCERT', 'sslcert'],
  ['PGSSLKEY', 'sslkey'],
  ['PGCHANNELBINDING', 'channel_binding'],
  ['PGTARGETSESSIONATTRS', 'target_session_attrs']
]

/** What these parameters may be; node-postgres has `no-verify` besides. */
const knownWords: Readonly<Record<string, readonly string[]>> = {
  sslmode: [...sslModes, 'no-verify'],
  channel_binding: ['disable', 'prefer', 'require'],
  target_session_attrs: ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby']
}

interface Parts {
  /** As written, percent-encoded. */
  readonly user: string
  readonly password: string | undefined
  readonly hosts: string
  readonly database: string
  readonly query: string
}

/** RFC 3986, appendix B; of several `@` the last one ends the credentials, as a password may hold one. */
function taken(text: string): Parts {
  const [, authority = '', path = '', query = ''] = /^[^:]*:\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?/.exec(text) ?? []
  const at = authority.lastIndexOf('@')
  const [user = '', ...password] = authority.slice(0, Math.max(at, 0)).split(':')
  return {
    user,
    password: password.length === 0 ? undefined : password.join(':'),
    hosts: authority.slice(at + 1),
    database: path.slice(1),
    query
  }
}

/**
 * What cannot stand there as it is: it ended a part of the URL too early, or programs disagree on it. Without the text
 * around it, which may be of a password.
 */
function strayCharacter(text: string, { database, query }: Parts): string | undefined {
  // eslint-disable-next-line no-control-regex -- these are the ones that are looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'a line break or another control character in its middle'
  if (text.includes('#')) return 'a `#` that is not percent-encoded'
  if (database.includes('@')) return 'a `/` before its last `@` that is not percent-encoded'
  if (query.split('&').some((pair) => (pair.split('=')[0] ?? '').includes('@')))
    return 'a `?` before its last `@` that is not percent-encoded'
  // libpq takes all of it for the name, Prisma only what stands before it.
  if (database.includes('/')) return 'a `/` in or behind the name of the database'
  return undefined
}

/** As HTML forms have it, which Prisma's, Ecto's and Node's readers follow: `+` is a space. */
function form(text: string): string {
  return text.replaceAll('+', '%20')
}

/** A `%` without two hexadecimal digits is itself; `undefined` for what is no text. */
function decoded(text: string): string | undefined {
  try {
    const whole = text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => decodeURIComponent(run))
    return whole.includes('\0') ? undefined : whole
  } catch {
    return undefined
  }
}

/** Of the parameters where they name hosts, else of the authority. */
function readHosts(
  hosts: string | undefined,
  ports: string | undefined,
  authority: string,
  decode: (part: string, what: string) => string,
  reject: (message: string, hint: string) => void
): DatabaseUrl['hosts'] {
  const portHint = 'A port is a number from 1 to 65535. If it is a part of the password: percent-encode that.'
  const portList = ports?.split(',')
  const port = (text: string, at: number): number => {
    const given = portList?.[portList.length === 1 ? 0 : at] ?? text
    if (given === '') return 5432
    const number = /^\d+$/.test(given) ? Number(given) : 0
    if (number >= 1 && number <= 65_535) return number
    // What stands there may be the beginning of a password.
    reject('has a port that is none', portHint)
    return 5432
  }
  const written = authority.split(',').map((one) => {
    const [, bracketed, plain = '', portText = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(one) ?? []
    const host = bracketed ?? decode(plain, 'host')
    // `fe80::1%25eth0`: RFC 6874 writes the zone's `%` encoded.
    if (bracketed !== undefined && !isIPv6(decoded(bracketed) ?? ''))
      reject('has brackets around what is no IPv6 address', 'Write `[2001:db8::1]:5432`.')
    else if (bracketed === undefined && portText.includes(':'))
      reject('has more than one `:` in its host', 'Write an IPv6 address in brackets: `[2001:db8::1]:5432`.')
    return { host: (bracketed === undefined ? host : decoded(host)) ?? '', port: portText }
  })
  const named =
    hosts === undefined
      ? written
      : hosts.split(',').map((host, at) => ({ host, port: written[at]?.port ?? written[0]?.port ?? '' }))
  return named.map(({ host, port: text }, at) => ({ host: host === '' ? 'localhost' : host, port: port(text, at) }))
}

function shownUrl(url: Omit<DatabaseUrl, 'shown'>): string {
  const user = url.user === undefined ? '' : `${encodeURIComponent(url.user)}@`
  return `postgresql://${user}${listed(url.hosts)}/${encodeURIComponent(url.database)}`
}
