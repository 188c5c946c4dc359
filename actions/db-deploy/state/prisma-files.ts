/** Where Prisma's own rules find a project's files. Paths are absolute. */
export interface PrismaFiles {
  /** `prisma7.config.*`, `prisma.config.*`, `.config/prisma.*`, read as text and never run. */
  readonly configuration: { readonly file: string; readonly text: string } | undefined
  /** The package.json with a `prisma` of its own, which Prisma 6 reads; `prisma` is its value. */
  readonly packageJson: { readonly file: string; readonly prisma: Readonly<Record<string, unknown>> } | undefined
  /** A file, or the folder of a schema of several files; undefined where it stands in none of Prisma's places. */
  readonly schema: string | undefined
  /** The input `schema` named it: Prisma has to be told. */
  readonly schemaGiven: boolean
  /** The folder of migrations, whether or not it is there. */
  readonly migrations: string
}
