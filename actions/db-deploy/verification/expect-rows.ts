import type { Problem } from '../../shared/problem.ts'
import { nearestNames } from './nearest-names.ts'

/** `connector>=16`: what is counted, and what that must come to. */
export interface RowExpectation {
  /** As written: `connector>=16`. */
  readonly text: string
  /** `total`, a model or a table. */
  readonly of: 'total' | ExpectedName
  readonly operator: Operator
  readonly rows: number
}

export type Operator = '>=' | '>' | '=' | '<=' | '<'

/** A model or a table as the input names it. */
export interface ExpectedName {
  readonly schema: string | undefined
  readonly name: string
}

/** What can be named: a model and its table, or a table alone. */
export interface NamedRelation {
  /** The model's name, or the table's. */
  readonly name: string
  /** Undefined where the model says none, and the connection's is meant. */
  readonly schema: string | undefined
  readonly table: string
}

/**
 * Reads `expect-rows`: `connector>=16, total>=52`, by lines or commas. Names are of models or tables, `schema.table` too,
 * in double quotes where they hold more than letters, digits, `_`, `$` and `-`. Pure, so that what is wrong with it is
 * told before anything is changed.
 */
export function readExpectRows(
  lines: readonly string[]
): { readonly expectations: readonly RowExpectation[] } | { readonly problems: readonly Problem[] } {
  const texts = lines.flatMap((line) => line.match(entry) ?? []).map((text) => text.trim())
  const read = texts.filter((text) => text !== '').map(readExpectation)
  const problems = read.flatMap((each) => ('problem' in each ? [each.problem] : []))
  if (problems.length > 0) return { problems }
  return { expectations: read.flatMap((each) => ('problem' in each ? [] : [each])) }
}

/** What stands between two commas that are in no quotes; a quote that nothing ends takes the rest. */
const entry = /(?:"(?:[^"]|"")*(?:"|$)|[^",])+/gu

const part = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{M}\p{N}_$-]*)`
const expectation = new RegExp(String.raw`^(?:(${part})\s*\.\s*)?(${part})\s*(>=|<=|==|=|>|<)\s*(\d[\d_]*)$`, 'u')

function readExpectation(text: string): RowExpectation | { readonly problem: Problem } {
  const [, schema, name = '', operator = '', digits = ''] = expectation.exec(text) ?? []
  const rows = Number(digits.replaceAll('_', ''))
  if (name === '' || !Number.isSafeInteger(rows)) {
    return {
      problem: {
        code: 'expect-rows',
        message: `expect-rows has ${JSON.stringify(text)}, which is no expectation.`,
        hint: 'Write NAME>=NUMBER with >=, >, =, <= or <, where NAME is a model, a table, schema.table or total, in double quotes where it has spaces or other signs: connector>=16, total>=52.'
      }
    }
  }
  return {
    text,
    of:
      schema === undefined && name === 'total'
        ? 'total'
        : { schema: schema === undefined ? undefined : unquoted(schema), name: unquoted(name) },
    operator: operator === '==' ? '=' : (operators.find((each) => each === operator) ?? '='),
    rows
  }
}

const operators: readonly Operator[] = ['>=', '>', '=', '<=', '<']

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

/**
 * The relation that an expectation names: a model or table of just this name, else the only one that differs in case
 * alone, as unquoted names do in SQL.
 */
export function expectedRelation<Relation extends NamedRelation>(
  { schema, name }: ExpectedName,
  relations: readonly Relation[]
): { readonly relation: Relation } | { readonly problem: Problem } {
  const here = relations.filter((each) => schema === undefined || each.schema === undefined || each.schema === schema)
  const lower = name.toLowerCase()
  const found = [
    here.filter((each) => schema === undefined && each.name === name),
    here.filter((each) => each.table === name),
    here.filter((each) => each.name.toLowerCase() === lower || each.table.toLowerCase() === lower)
  ].find((each) => each.length > 0)
  const [only, ...more] = found ?? []
  const shown = schema === undefined ? name : `${schema}.${name}`
  if (only === undefined) {
    const near = nearestNames(
      name,
      here.flatMap((each) => [each.name, each.table])
    )
    return {
      problem: {
        code: 'expect-rows',
        message: `expect-rows names ${JSON.stringify(shown)}, and there is no model and no table of this name.`,
        hint:
          near.length > 0
            ? `Did you mean ${near.join(' or ')}?`
            : 'Take the name of a model or a table that the smoke test reads; its summary lists them.'
      }
    }
  }
  if (more.length === 0) return { relation: only }
  return {
    problem: {
      code: 'expect-rows',
      message: `expect-rows names ${JSON.stringify(shown)}, which may be ${[only, ...more].map(place).join(' or ')}.`,
      hint: 'Write schema.table, or the name in the very case that it has, so that one is meant.'
    }
  }
}

function place({ name, schema, table }: NamedRelation): string {
  const there = schema === undefined ? table : `${schema}.${table}`
  return name === table ? there : `${name} (${there})`
}

/** What the names of expectations mean among models, before anything is changed: a problem for each that is unknown. */
export function unknownExpectations(
  expectations: readonly RowExpectation[],
  relations: readonly NamedRelation[]
): readonly Problem[] {
  return expectations.flatMap(({ of }) => {
    if (of === 'total') return []
    const found = expectedRelation(of, relations)
    return 'problem' in found ? [found.problem] : []
  })
}

/** Whether so many rows are what is expected. */
export function holds({ operator, rows }: Pick<RowExpectation, 'operator' | 'rows'>, count: number): boolean {
  switch (operator) {
    case '>=':
      return count >= rows
    case '>':
      return count > rows
    case '=':
      return count === rows
    case '<=':
      return count <= rows
    case '<':
      return count < rows
  }
}
