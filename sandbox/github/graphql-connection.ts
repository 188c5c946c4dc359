import { GraphQLError } from 'graphql'

/** Arguments of a connection. */
export interface Page {
  readonly first?: number | null
  readonly last?: number | null
  readonly after?: string | null
}

/** One page of a connection. GitHub asks for `first` or `last`, between 1 and 100. */
export function connection<T>(items: readonly T[], page: Page, fields: (item: T) => object | null): object {
  const size = page.first ?? page.last
  if (size === undefined || size === null) {
    // The number alone can be had without a page.
    return { totalCount: items.length, nodes: unbounded, edges: unbounded, pageInfo: unbounded }
  }
  if (size < 0 || size > 100) {
    throw new GraphQLError(`Requesting ${size} records on the connection exceeds the \`first\` limit of 100 records.`, {
      extensions: { type: 'EXCESSIVE_PAGINATION' }
    })
  }
  const start =
    page.first === undefined || page.first === null ? Math.max(0, items.length - size) : offsetOf(page.after)
  const nodes = items.slice(start, start + size)
  const end = start + nodes.length
  return {
    totalCount: items.length,
    nodes: nodes.map(fields),
    edges: nodes.map((node, index) => ({ node: fields(node), cursor: cursorAt(start + index + 1) })),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: nodes.length === 0 ? null : cursorAt(start + 1),
      endCursor: nodes.length === 0 ? null : cursorAt(end)
    }
  }
}

function unbounded(): never {
  throw new GraphQLError('You must provide a `first` or `last` value to properly paginate the connection.', {
    extensions: { type: 'MISSING_PAGINATION_BOUNDARIES' }
  })
}

function cursorAt(position: number): string {
  return Buffer.from(`cursor:${position}`).toString('base64')
}

function offsetOf(cursor: string | null | undefined): number {
  if (cursor === undefined || cursor === null) return 0
  const position = /^cursor:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1]
  if (position === undefined) {
    throw new GraphQLError(`\`${cursor}\` does not appear to be a valid cursor.`, {
      extensions: { type: 'INVALID_CURSOR_ARGUMENTS' }
    })
  }
  return Number(position)
}
