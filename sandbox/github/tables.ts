import { assumptions, departures } from './departures.ts'
import { operations } from './rest.ts'

/** The tables of docs/sandbox-github.md, as Markdown, each from what the code itself goes by. */
export function operationsTable(): string {
  const rows = operations
    .map(({ id, method, site, path, ...operation }) => {
      const needs = operation.scope === 'global' ? '' : `${operation.needs.permission}: ${operation.needs.access}`
      return [`\`${method} ${site === 'uploads' ? 'uploads ' : ''}${path}\``, id, needs]
    })
    .sort(([, a = ''], [, b = '']) => (a < b ? -1 : 1))
  return table(['request', 'operation', 'permission'], rows)
}

export function departuresTable(): string {
  return table(
    ['what', 'described', 'the sandbox', 'source'],
    departures.map(({ what, described, ours, source }) => [what, described, ours, source])
  )
}

export function assumptionsTable(): string {
  return table(
    ['open question', 'choice', 'because'],
    assumptions.map(({ question, choice, because }) => [question, choice, because])
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
