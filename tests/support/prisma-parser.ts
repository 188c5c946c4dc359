import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const tools = join(import.meta.dirname, '..', '..', '.tools')

/** Prisma's own parser, as WebAssembly: what its editors and its generators are built on. */
export interface PrismaParser {
  /**
   * The models of a schema as a generator gets them (DMMF): without what `@ignore`, `@@ignore` and `Unsupported` keep from
   * the client.
   *
   * @throws Error with Prisma's words where the schema is not valid
   */
  models(files: readonly { readonly path: string; readonly text: string }[]): readonly DmmfModel[]
}

export interface DmmfModel {
  readonly name: string
  readonly dbName: string | null
  /** Undefined before Prisma 6. */
  readonly schema?: string | null
  readonly fields: readonly DmmfField[]
}

export interface DmmfField {
  readonly name: string
  readonly dbName?: string | null
  readonly kind: 'scalar' | 'enum' | 'object' | 'unsupported'
  readonly type: string
  readonly isList: boolean
  readonly isRequired: boolean
  readonly relationName?: string
  readonly relationFromFields?: readonly string[]
}

/** Builds that Prisma released with its CLI 6.19 and 7.10. */
export const prismaParsers = {
  '6.19': '6.19.0-26.2ba551f319ab1df4bc874a89965d8b3641056773',
  '7.10': '7.10.0-7.561d7b42579a2459cc8edf3788918b626c640023'
} as const

/** Fetches the parser from npm at the first call, and finds it below `.tools` afterwards. */
export function prismaParser(version: keyof typeof prismaParsers): PrismaParser {
  const folder = join(tools, `prisma-schema-wasm-${version}`)
  if (!existsSync(folder)) fetchParser(prismaParsers[version], folder)
  const wasm = createRequire(import.meta.url)(join(folder, 'src', 'prisma_schema_build.js')) as {
    get_dmmf(parameters: string): string
  }
  return {
    models: (files) => {
      const prismaSchema = files.map(({ path, text }) => [path, text])
      const dmmf = JSON.parse(wasm.get_dmmf(JSON.stringify({ prismaSchema, noColor: true }))) as {
        readonly datamodel: { readonly models: readonly DmmfModel[] }
      }
      return dmmf.datamodel.models
    }
  }
}

function fetchParser(version: string, folder: string): void {
  mkdirSync(tools, { recursive: true })
  const staged = mkdtempSync(join(tools, '.prisma-schema-wasm-'))
  try {
    const options = { cwd: staged, encoding: 'utf8', timeout: 120_000 } as const
    const [file = ''] = execFileSync('npm', ['pack', '--silent', `@prisma/prisma-schema-wasm@${version}`], options)
      .trim()
      .split('\n')
      .slice(-1)
    execFileSync('tar', ['-xzf', file], options)
    // Another test may have been faster.
    if (!existsSync(folder)) renameSync(join(staged, dirname('package/package.json')), folder)
  } finally {
    rmSync(staged, { recursive: true, force: true })
  }
}
