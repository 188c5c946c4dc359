/** How the engine connects, as the package pg takes it. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  readonly options: string | undefined
  readonly application_name: string | undefined
  readonly ssl: false | { readonly rejectUnauthorized: boolean }
  /** Prisma's `?schema=`; no parameter of the server. */
  readonly schema: string | undefined
}

/** Reads a connection URL as the native engine does: of its parameters those that matter here. */
export function readConnection(text: string): Connection {
  const url = new URL(text)
  const parameter = (name: string): string | undefined => url.searchParams.get(name) ?? undefined
  const tls = parameter('sslmode')
  return {
    // A socket's folder stands in `?host=`; `localhost` is what then stands where a URL wants a host.
    host: parameter('host') ?? decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 5432 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    options: optionsOf(parameter('options'), parameter('schema')),
    application_name: parameter('application_name'),
    // Prisma's own `sslaccept` says whether a certificate is looked at.
    ssl: tls === 'require' ? { rejectUnauthorized: parameter('sslaccept') === 'strict' } : false,
    schema: parameter('schema')
  }
}

/** The native engine looks for names without a schema in that of the URL (quaint, connector/postgres: SET search_path). */
function optionsOf(options: string | undefined, schema: string | undefined): string | undefined {
  if (schema === undefined) return options
  return `${options ?? ''} -c search_path="${schema}"`.trim()
}
