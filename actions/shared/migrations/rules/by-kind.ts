import type { Operation } from '../operation.ts'

export type Kind = Operation['kind']

/** The operation of a kind. */
export type OperationOf<K extends Kind> = Operation extends infer O
  ? O extends { readonly kind: infer Kinds }
    ? K extends Kinds
      ? O
      : never
    : never
  : never

/** What is done with operations of some kinds; a kind that is left out is not spoken of. */
export type ByKind<Rest extends readonly unknown[], Result> = {
  readonly [K in Kind]?: Entry<OperationOf<K>, Rest, Result>
}

/** A method: the table is asked with any operation and gives each entry only those of its kind. */
type Entry<O, Rest extends readonly unknown[], Result> = { take(operation: O, ...rest: Rest): Result }['take']

/** What a table says of an operation. */
export function byKind<Rest extends readonly unknown[], Result>(
  table: ByKind<Rest, Result>,
  operation: Operation,
  ...rest: Rest
): Result | undefined {
  const entry: Entry<Operation, Rest, Result> | undefined = table[operation.kind]
  return entry?.(operation, ...rest)
}
