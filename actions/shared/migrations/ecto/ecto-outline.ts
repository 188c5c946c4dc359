import type { ElixirParser } from '../../parsers.ts'
import type { Span } from '../position.ts'
import { readModules } from './functions.ts'
import { migrationModule } from './migration-module.ts'
import { readSyntax } from './syntax.ts'

/** What a file says of itself before anything in it is read. */
export interface EctoOutline {
  /** The migration's module; undefined where the file defines none. */
  readonly module: string | undefined
  readonly moduleSpan?: Span
  /** Every module of the file: a second definition of any of them takes the first one's place. */
  readonly modules: readonly { readonly name: string; readonly span: Span }[]
  readonly functions: { readonly up: boolean; readonly down: boolean; readonly change: boolean }
  readonly syntaxError?: Span
}

/** Names and functions of a migration's file. Never throws for what stands in it. */
export function readEctoOutline(text: string, elixir: ElixirParser): EctoOutline {
  const source = readSyntax(text, elixir)
  const modules = readModules(source.text, source.root)
  const migration = migrationModule(modules)
  const spanOf = ({ start, end }: { readonly start: number; readonly end: number }): Span =>
    source.positions.span(start, end)
  const has = (name: string): boolean => migration?.functions.has(`${name}/0`) ?? false
  return {
    module: migration?.name,
    ...(migration === undefined ? {} : { moduleSpan: spanOf(migration.node) }),
    modules: modules.map(({ name, node }) => ({ name, span: spanOf(node) })),
    functions: { up: has('up'), down: has('down'), change: has('change') },
    ...(source.error === undefined ? {} : { syntaxError: spanOf(source.error) })
  }
}
