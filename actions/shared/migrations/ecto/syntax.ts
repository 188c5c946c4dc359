import type { Language, Tree, TreeCursor } from 'web-tree-sitter'
import type { ElixirParser } from '../../parsers.ts'
import { positionsOf, type Positions } from './positions.ts'

/**
 * A node of Elixir's grammar (tree-sitter-elixir, node-types.json) as plain data: the parser's own tree lives in its
 * memory and every look at it is a call there.
 */
export interface Syntax {
  readonly type: string
  /** Offset in the text, in UTF-16 units. */
  readonly start: number
  readonly end: number
  /** Named children without comments. */
  readonly children: readonly Syntax[]
  /** Of operators: `|>`; of strings and sigils: the opening quote. */
  readonly token?: string
}

export interface ElixirSource {
  readonly text: string
  readonly root: Syntax
  readonly comments: readonly Syntax[]
  readonly positions: Positions
  /** Where the grammar was broken first. */
  readonly error?: Syntax
  /** Something is nested deeper than is read; what is deeper has the type `too_deep`. */
  readonly tooDeep: boolean
}

/** Real migrations nest about 30 levels deep; whoever reads the tree walks it recursively. */
const deepest = 400

/** Parses a text. Never throws: a text that is no Elixir has an `error`. */
export function readSyntax(text: string, elixir: ElixirParser): ElixirSource {
  const tree = elixir.parse(text)
  try {
    return copyTree(text, tree)
  } finally {
    tree.delete()
  }
}

interface Building extends Syntax {
  children: Building[]
  token?: string
}

function copyTree(text: string, tree: Tree): ElixirSource {
  const cursor = tree.walk()
  const kinds = kindsOf(tree.language)
  const comments: Syntax[] = []
  let tooDeep = false

  const node = (): Building => ({
    type: kinds[cursor.nodeTypeId]?.name ?? 'ERROR',
    start: cursor.startIndex,
    end: cursor.endIndex,
    children: []
  })
  const root = node()
  const path: Building[] = [root]
  let descending = cursor.gotoFirstChild()
  while (descending) {
    const parent = path.at(-1) ?? root
    const kind = kinds[cursor.nodeTypeId]
    let entered = false
    if (kind?.named === false) {
      // A sigil's own mark comes before its quote.
      if (hasToken.has(parent.type) && kind.name !== '~') parent.token ??= kind.name
    } else if (kind?.name === 'comment') {
      comments.push(node())
    } else {
      const child = node()
      parent.children.push(child)
      if (path.length >= deepest) {
        tooDeep = true
        child.children.push({ type: 'too_deep', start: child.start, end: child.end, children: [] })
      } else if (!leaves.has(child.type) && cursor.gotoFirstChild()) {
        path.push(child)
        entered = true
      }
    }
    while (!entered && !cursor.gotoNextSibling()) {
      path.pop()
      if (path.length === 0 || !cursor.gotoParent()) {
        descending = false
        break
      }
    }
  }
  cursor.delete()
  const error = tree.rootNode.hasError ? firstError(tree) : undefined
  return { text, root, comments, positions: positionsOf(text), tooDeep, ...(error === undefined ? {} : { error }) }
}

/** Anonymous children that say something: the operator, or the quote that a string begins with. */
const hasToken = new Set([
  'binary_operator',
  'unary_operator',
  'operator_identifier',
  'string',
  'charlist',
  'sigil',
  'quoted_atom',
  'quoted_keyword'
])

const leaves = new Set([
  'identifier',
  'alias',
  'integer',
  'float',
  'char',
  'atom',
  'keyword',
  'quoted_content',
  'escape_sequence',
  'sigil_name',
  'sigil_modifiers',
  'boolean',
  'nil'
])

interface Kind {
  readonly name: string
  readonly named: boolean
}

let kindsRead: { readonly language: Language; readonly kinds: readonly Kind[] } | undefined

function kindsOf(language: Language): readonly Kind[] {
  if (kindsRead?.language !== language) {
    const kinds: Kind[] = []
    for (let id = 0; id < language.nodeTypeCount; id += 1)
      kinds.push({ name: language.nodeTypeForId(id) ?? '', named: language.nodeTypeIsNamed(id) })
    kindsRead = { language, kinds }
  }
  return kindsRead.kinds
}

/** The first ERROR or MISSING node; follows only what has one. */
function firstError(tree: Tree): Syntax {
  const cursor: TreeCursor = tree.walk()
  const at = (): Syntax => ({ type: 'ERROR', start: cursor.startIndex, end: cursor.endIndex, children: [] })
  try {
    for (;;) {
      const node = cursor.currentNode
      if (node.isError || node.isMissing || !cursor.gotoFirstChild()) return at()
      while (!cursor.currentNode.hasError) if (!cursor.gotoNextSibling()) return at()
    }
  } finally {
    cursor.delete()
  }
}
