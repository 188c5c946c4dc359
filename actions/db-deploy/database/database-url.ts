/** Where a database is and who connects: a connection URL, taken apart. */
export interface DatabaseUrl {
  /** More than one where the URL names several; a socket's folder begins with `/`. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
  /** Every parameter as given, decoded: libpq's, Prisma's and others. */
  readonly parameters: ReadonlyMap<string, string>
  /** Prisma's `?schema=`, `public` where there is none. */
  readonly schema: string
  /** Without password and parameters: `postgresql://deployer@db.example.org:5432/app`. */
  readonly shown: string
}
