import { callValue, type Call } from './call.ts'
import { longestLoop } from './control-flow.ts'
import { asText, longestPart } from './literals.ts'
import { conditionally, type Run } from './run.ts'
import { joinTexts, textAt } from './text.ts'
import { atom, unknown, type Value } from './value.ts'

/**
 * Functions of Elixir that migrations build names and loops with. Undefined: what it gives is not known, and it is
 * looked at like any other function.
 */
export const libraryCalls: Readonly<Record<string, (run: Run, call: Call) => Value | undefined>> = {
  'Enum.each': each,
  'Enum.map': each,
  'Enum.flat_map': (run, call) => {
    const lists = each(run, call)
    if (lists?.kind !== 'list') return lists
    return { kind: 'list', items: lists.items.flatMap((item) => (item.kind === 'list' ? item.items : [item])) }
  },
  'Enum.join': (_run, call) => join(call, call.arguments[0], call.arguments[1]),
  'Enum.map_join': (run, call) => {
    const [list, separator, mapper] = call.arguments
    const mapped = each(run, { ...call, arguments: [list, mapper].filter((value) => value !== undefined) })
    return join(call, mapped, separator)
  },
  'Enum.with_index': (_run, { arguments: [list] }) =>
    list?.kind === 'list'
      ? {
          kind: 'list',
          items: list.items.map((item, index) => ({ kind: 'tuple', items: [item, { kind: 'number', value: index }] }))
        }
      : undefined,
  'Enum.reverse': (_run, { arguments: [list] }) =>
    list?.kind === 'list' ? { kind: 'list', items: list.items.toReversed() } : undefined,
  'Enum.concat': (_run, { arguments: [first, second] }) =>
    first?.kind === 'list' && second?.kind === 'list'
      ? { kind: 'list', items: [...first.items, ...second.items] }
      : undefined,
  'Keyword.get': (_run, { arguments: [list, key, otherwise] }) => {
    if (list?.kind !== 'list' || key?.kind !== 'atom') return undefined
    for (const item of list.items) {
      if (item.kind !== 'tuple') return undefined
      const [name, value] = item.items
      if (name?.kind === 'atom' && name.name === key.name) return value
    }
    return otherwise ?? atom('nil')
  },
  'String.to_atom': (_run, { arguments: [text] }) =>
    text?.kind === 'string' && text.text.computed.length === 0 ? atom(text.text.value) : undefined,
  'String.trim': (_run, { arguments: [text] }) => text,
  'Atom.to_string': toString,
  to_string: toString,
  then: (run, call) => {
    const [value, callee] = call.arguments
    return value === undefined || callee === undefined ? undefined : callValue(run, callee, [value], call.node)
  }
}

function toString(run: Run, { arguments: [value], node }: Call): Value | undefined {
  if (value?.kind !== 'atom' && value?.kind !== 'string' && value?.kind !== 'number') return undefined
  return { kind: 'string', text: asText(run, value, node) }
}

function each(run: Run, { arguments: [list, callee], node, discarded }: Call): Value | undefined {
  if (callee === undefined) return undefined
  if (list?.kind !== 'list' || list.items.length > longestLoop) {
    conditionally(run, () => callValue(run, callee, [unknown('a value of a loop')], node, discarded))
    return unknown('a list computed while it runs')
  }
  return { kind: 'list', items: list.items.map((item) => callValue(run, callee, [item], node, discarded)) }
}

function join({ node }: Call, list: Value | undefined, separator: Value | undefined): Value | undefined {
  if (list?.kind !== 'list') return undefined
  const between = separator?.kind === 'string' ? separator.text : textAt('', node.start)
  const texts = list.items.flatMap((item, index) => {
    if (item.kind === 'string') return index === 0 ? [item.text] : [between, item.text]
    if (item.kind === 'atom') {
      return index === 0 ? [textAt(item.name, node.start)] : [between, textAt(item.name, node.start)]
    }
    return []
  })
  const complete = list.items.every(({ kind }) => kind === 'string' || kind === 'atom')
  const length = texts.reduce((sum, { value }) => sum + value.length, 0)
  return complete && length <= longestPart ? { kind: 'string', text: joinTexts(texts) } : undefined
}

/** First part of the names of modules whose functions do not touch the database. */
export const pureModules: ReadonlySet<string> = new Set([
  'Access',
  'Application',
  'Atom',
  'Base',
  'Bitwise',
  'Calendar',
  'Code',
  'Date',
  'DateTime',
  'Decimal',
  'Ecto',
  'Enum',
  'File',
  'Float',
  'Function',
  'IO',
  'Inspect',
  'Integer',
  'Jason',
  'Poison',
  'JSON',
  'Kernel',
  'Keyword',
  'List',
  'Logger',
  'Macro',
  'Map',
  'MapSet',
  'Mix',
  'Module',
  'NaiveDateTime',
  'Path',
  'Process',
  'Range',
  'Regex',
  'Stream',
  'String',
  'System',
  'Task',
  'Time',
  'Timex',
  'Tuple',
  'URI',
  'UUID',
  'Version'
])

/** Elixir's own functions (Kernel, Ecto.Query) that do not touch the database. */
export const pureFunctions: ReadonlySet<string> = new Set([
  'abs',
  'apply',
  'binary_part',
  'div',
  'elem',
  'exit',
  'get_in',
  'hd',
  'inspect',
  'is_atom',
  'is_binary',
  'is_list',
  'is_map',
  'is_nil',
  'is_tuple',
  'length',
  'make_ref',
  'map_size',
  'max',
  'min',
  'put_elem',
  'put_in',
  'raise',
  'rem',
  'reraise',
  'round',
  'self',
  'send',
  'spawn',
  'struct',
  'struct!',
  'tap',
  'throw',
  'tl',
  'to_charlist',
  'trunc',
  'tuple_size',
  'update_in',
  'dbg',
  'function_exported?',
  'match?',
  'sigil_U',
  'is_integer',
  'is_boolean',
  'is_function',
  'dynamic',
  'subquery',
  'field',
  'type',
  'count',
  'coalesce'
])
