/** What Prisma's configuration says, read as text and never run. */
export interface PrismaConfiguration {
  /** Absolute path of `prisma.config.ts` or one of its other names; undefined where there is none. */
  readonly file: string | undefined
  /** As the tool shows it and the user knows it: relative to the working directory. */
  readonly shown: string | undefined
  /** The schema, a file or a folder: absolute; undefined where it stands in none of Prisma's places. */
  readonly schema: string | undefined
  /** Whether the user named the schema by an input: the tool is then told. */
  readonly schemaGiven: boolean
  /** `postgresql`, `mysql` …, of the datasource block. */
  readonly provider: string | undefined
  /** Variables that hold the URL of the database, `directUrl`'s included. */
  readonly urlVariables: readonly string[]
  /** Variables that hold the URL of the shadow database. */
  readonly shadowVariables: readonly string[]
  /** A URL that is written out, in the schema or the configuration: the tool goes there whatever it is told. */
  readonly literalUrl: { readonly url: string; readonly file: string; readonly line: number } | undefined
  /** Every other variable that the configuration demands with `env('X')`, which throws where X is not set. */
  readonly demanded: readonly string[]
  /** The seed's command line: `migrations.seed` of the configuration, `prisma.seed` of package.json. */
  readonly seed: string | undefined
}
