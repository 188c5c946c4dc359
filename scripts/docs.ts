// Writes the tables of inputs and outputs in every action's README from its action.yml, or, with --check, says whether
// they are what action.yml says.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { frontDoors, readActionMetadata, type ActionMetadata, type InputMetadata } from './action-metadata.ts'

const root = dirname(import.meta.dirname)

type Tables = Pick<ActionMetadata, 'inputs' | 'outputs'>

/**
 * The README with both tables as they should be.
 * @param readme Markdown with the lines `<!-- inputs -->` … `<!-- /inputs -->`, and the same for `outputs`
 * @throws Error when a marker is missing: a README without its tables would never be stale
 */
export function withTables(readme: string, action: Tables): string {
  return between(between(readme, 'inputs', inputTable(action)), 'outputs', outputTable(action))
}

function between(readme: string, name: string, table: string): string {
  const start = `<!-- ${name} -->`
  const end = `<!-- /${name} -->`
  const from = readme.indexOf(start)
  const to = readme.indexOf(end)
  if (from === -1 || to < from) throw new Error(`README lacks the lines ${start} and ${end}`)
  return `${readme.slice(0, from + start.length)}\n\n${table}\n\n${readme.slice(to)}`
}

function inputTable({ inputs }: Tables): string {
  const rows = Object.entries(inputs).map(([name, input]) => [code(name), cell(input.description), standard(input)])
  return table(['input', 'what it is', 'default'], rows)
}

function outputTable({ outputs }: Tables): string {
  const rows = Object.entries(outputs).map(([name, output]) => [code(name), cell(output.description)])
  return table(['output', 'what it is'], rows)
}

function standard(input: InputMetadata): string {
  if (input.required) return '**required**'
  if (input.default === '') return ''
  return input.default.trim().split('\n').map(code).join('<br>')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}

/** Descriptions in action.yml are Markdown already; a table needs them on one line. */
function cell(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
}

/** The actions whose README differs from action.yml; `write` mends them. */
function staleReadmes(write: boolean): readonly string[] {
  return frontDoors.filter((action) => {
    const path = join(root, action, 'README.md')
    const readme = readFileSync(path, 'utf8')
    const fresh = withTables(readme, readActionMetadata(action))
    if (write && fresh !== readme) writeFileSync(path, fresh)
    return fresh !== readme
  })
}

if (process.argv[1] === import.meta.filename) {
  const check = process.argv.includes('--check')
  const stale = staleReadmes(!check).map((action) => `${action}/README.md`)
  if (stale.length === 0) console.log(`the tables of ${frontDoors.join(', ')} are what action.yml says`)
  else if (!check) console.log(`wrote ${stale.join(', ')}`)
  else {
    console.error(
      `These READMEs differ from action.yml. Run \`npm run docs\` and commit them.\n  ${stale.join('\n  ')}`
    )
    process.exitCode = 1
  }
}
