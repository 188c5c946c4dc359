import { behind, isToken, readElixirCode, type ElixirCode } from '../shared/hex/elixir-code.ts'
import { parseExpression, type ElixirExpression } from '../shared/hex/elixir-expression.ts'
import { ElixirFault } from '../shared/hex/elixir-tokens.ts'

/** What mix.exs says of itself, as far as it stands there in so many words. */
export interface MixProject {
  /** `apps_path` is set: it holds other projects and is no package itself. */
  readonly umbrella: boolean
  /** `package: [organization: …]`; `not checked`, which no organization is called, where it is computed. */
  readonly organization: string | undefined
}

/**
 * Reads mix.exs without running it: the keyword list of `project/0`, and of the function that `package:` names.
 * Anything that is not written out there is `not checked`.
 */
export function readMixProject(source: string): MixProject {
  try {
    return describe(readElixirCode(source))
  } catch (error) {
    // Mix says better what is wrong with it.
    if (error instanceof ElixirFault) return { umbrella: false, organization: 'not checked' }
    throw error
  }
}

function describe(code: ElixirCode): MixProject {
  const project = functionBody(code, 'project')
  const apps = entry(project, 'apps_path')
  // `apps_path: nil` makes none, and what is computed Mix itself tells.
  const umbrella = typeof apps === 'object' && ['text', 'charlist', 'attribute'].includes(apps.kind)
  const given = entry(project, 'package')
  const list = typeof given === 'object' && given.kind === 'call' ? functionBody(code, given.text) : given
  const organization = list === 'absent' ? 'absent' : list === 'computed' ? 'computed' : entry(list, 'organization')
  if (organization === 'absent') return { umbrella, organization: undefined }
  if (organization === 'computed') return { umbrella, organization: 'not checked' }
  if (organization.kind === 'atom' && organization.text === 'nil') return { umbrella, organization: undefined }
  // Hex's client takes it for the public repository too (hex.build.ex, `organization in [nil, "hexpm"]`).
  if (organization.kind === 'text' && organization.text === 'hexpm') return { umbrella, organization: undefined }
  return { umbrella, organization: organization.kind === 'text' ? organization.text : 'not checked' }
}

/** The value of a key of a keyword list. */
function entry(list: ElixirExpression | undefined, key: string): ElixirExpression | 'absent' | 'computed' {
  if (list?.kind !== 'list') return 'computed'
  for (const item of list.items) {
    const [name, value] = item.kind === 'tuple' ? item.items : []
    if (name?.kind !== 'atom' || value === undefined) return 'computed'
    if (name.text === key) return value
  }
  return 'absent'
}

/** What `def NAME do … end` or `def NAME, do: …` gives; of several clauses only running them tells which it is. */
function functionBody(code: ElixirCode, name: string): ElixirExpression | undefined {
  const [start, ...others] = code.tokens.flatMap((_, at) =>
    isDefinition(code, at) && isToken(code.tokens[at + 1], name) ? [at + 2] : []
  )
  if (start === undefined || others.length > 0) return undefined
  const at = isToken(code.tokens[start], '(') ? behind(code, start) : start
  const blockEnd = isToken(code.tokens[at], 'do') ? code.closedBy.get(at) : undefined
  if (blockEnd !== undefined) return parseExpression(code, at + 1, blockEnd)
  const keyword = code.tokens[at + 1]
  if (!isToken(code.tokens[at], ',') || keyword?.kind !== 'key' || keyword.text !== 'do') return undefined
  let to = at + 2
  while (
    to < code.tokens.length &&
    !isDefinition(code, to) &&
    !['end', '@'].some((text) => isToken(code.tokens[to], text))
  )
    to = behind(code, to)
  return parseExpression(code, at + 2, to)
}

function isDefinition(code: ElixirCode, at: number): boolean {
  return ['def', 'defp'].some((text) => isToken(code.tokens[at], text))
}
