import type { Document, Node } from 'yaml'
import { loadYaml } from '../shared/parsers.ts'
import type { Problem } from '../shared/problem.ts'

/** A value of a YAML file with the place where it stands. */
export type Located = Place &
  (
    | { readonly kind: 'map'; readonly entries: readonly LocatedEntry[] }
    | { readonly kind: 'list'; readonly items: readonly Located[] }
    | { readonly kind: 'text'; readonly value: string }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'flag'; readonly value: boolean }
    | { readonly kind: 'nothing' }
  )

export interface LocatedEntry {
  readonly key: string
  /** Where the key stands. */
  readonly at: Place
  readonly value: Located
}

/** 1-based, the column in UTF-16 units. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Something wrong at a place of a file: what, and what to write instead. */
export interface Fault {
  readonly at: Place
  readonly message: string
  readonly hint: string
}

/** Far more than any file of a maintainer has; aliases could make it millions. */
const usuallyMost = 20_000
const deepest = 30

/**
 * Reads YAML 1.2, of which JSON is a part.
 * @param mostValues more are refused
 * @returns the value, or every fault of its form
 */
export function readYaml(
  text: string,
  mostValues = usuallyMost
): { readonly value: Located } | { readonly faults: readonly Fault[] } {
  const { LineCounter, parseDocument } = loadYaml()
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\ufeff/, ''), {
    lineCounter: lines,
    version: '1.2',
    prettyErrors: false
  })
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const broken = [...document.errors, ...document.warnings].map(({ message, pos }): Fault => ({
    at: place(pos[0]),
    message: `This is not valid YAML: ${message}.`,
    hint: hintOf(message)
  }))
  if (broken.length > 0) return { faults: broken }
  try {
    return { value: located(document, place, mostValues) }
  } catch (error) {
    if (error instanceof YamlFault) return { faults: [error.fault] }
    throw error
  }
}

/** A fault as a problem of a file. */
export function faultProblem(code: string, file: string, { at, message, hint }: Fault): Problem {
  return { code, message, hint, file, line: at.line, column: at.column }
}

function hintOf(message: string): string {
  return /unique/i.test(message)
    ? 'Write each key once.'
    : 'Mend it there; an editor with a YAML extension shows the same fault while you type.'
}

class YamlFault extends Error {
  readonly fault: Fault
  constructor(fault: Fault) {
    super(fault.message)
    this.fault = fault
  }
}

function located(document: Document.Parsed, place: (offset: number) => Place, mostValues: number): Located {
  const { isAlias, isMap, isScalar, isSeq } = loadYaml()
  const isNode = (value: unknown): value is Node => isMap(value) || isSeq(value) || isScalar(value) || isAlias(value)
  let values = 0
  const convert = (node: unknown, around: Place, depth: number): Located => {
    const at = isNode(node) && node.range ? place(node.range[0]) : around
    if (++values > mostValues || depth > deepest) {
      throw new YamlFault({
        at,
        message: 'There are more values here, or deeper ones, than are read.',
        hint: 'Write it shorter, without aliases.'
      })
    }
    if (isAlias(node)) return { ...convert(node.resolve(document), at, depth + 1), ...at }
    if (isMap(node)) {
      return {
        ...at,
        kind: 'map',
        entries: node.items.map(({ key, value }): LocatedEntry => {
          const name = convert(key, at, depth + 1)
          if (name.kind === 'text') return { key: name.value, at: name, value: convert(value, name, depth + 1) }
          throw new YamlFault({ at: name, message: 'This key is no text.', hint: 'Put it in quotes.' })
        })
      }
    }
    if (isSeq(node)) return { ...at, kind: 'list', items: node.items.map((item) => convert(item, at, depth + 1)) }
    const value: unknown = isScalar(node) ? node.value : undefined
    if (typeof value === 'string') return { ...at, kind: 'text', value }
    if (typeof value === 'number') return { ...at, kind: 'number', value }
    if (typeof value === 'boolean') return { ...at, kind: 'flag', value }
    return { ...at, kind: 'nothing' }
  }
  return convert(document.contents, { line: 1, column: 1 }, 0)
}
