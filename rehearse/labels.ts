import { isMapping, list, mapping, type Mapping, type Plain } from './workflow.ts'

/**
 * Every label that a job's `runs-on` can name, over its whole matrix; `undefined` when that is only known while the
 * workflow runs (`${{ inputs.runner }}`, a matrix that an earlier job computes).
 */
export function runnerLabels(runsOn: Plain | undefined, matrix: Plain | undefined): readonly string[] | undefined {
  const texts = labelTexts(runsOn)
  const labels = new Set<string>()
  for (const text of texts) {
    if (!text.includes('${{')) {
      labels.add(text)
      continue
    }
    const cells = matrixCells(matrix)
    if (cells === undefined) return undefined
    for (const cell of cells) {
      const found = inCell(text, cell)
      if (found === undefined) return undefined
      for (const label of found) labels.add(label)
    }
  }
  return [...labels].filter((label) => label !== '')
}

/**
 * The labels of one cell of the matrix, as act tells the cell; `undefined` when they cannot be known.
 */
export function cellLabels(runsOn: Plain | undefined, cell: Mapping): readonly string[] | undefined {
  const labels: string[] = []
  for (const text of labelTexts(runsOn)) {
    const found = inCell(text, cell)
    if (found === undefined) return undefined
    labels.push(...found)
  }
  return labels
}

/**
 * Whether the label is one of GitHub's own runners.
 * https://docs.github.com/en/actions/reference/runners/github-hosted-runners
 */
export function isHosted(label: string): boolean {
  return /^(ubuntu|windows|macos)-(latest|slim|\d)/i.test(label)
}

export type System = 'Linux' | 'Windows' | 'macOS'

/** The operating system that these labels ask for; a label that names none is taken for Linux. */
export function systemOf(labels: readonly string[]): System {
  const has = (pattern: RegExp): boolean => labels.some((label) => pattern.test(label))
  if (has(/^(windows|win)\b/i)) return 'Windows'
  return has(/^(macos|mac|osx)\b/i) ? 'macOS' : 'Linux'
}

export const thisSystem: System =
  process.platform === 'win32' ? 'Windows' : process.platform === 'darwin' ? 'macOS' : 'Linux'

/** `runs-on` is a label, a list of labels, or `{ group, labels }`. */
function labelTexts(runsOn: Plain | undefined): string[] {
  const parts = isMapping(runsOn) ? [...list(runsOn['labels']), ...list(runsOn['group'])] : list(runsOn)
  return parts.filter((part) => typeof part === 'string' || typeof part === 'number').map(String)
}

/** Replaces `${{ matrix.a.b }}`; a text that is nothing else may also stand for a list of labels. */
function inCell(text: string, cell: Mapping): string[] | undefined {
  const whole = new RegExp(`^${reference.source}$`).exec(text.trim())
  if (whole?.[1] !== undefined) {
    const value = lookUp(cell, whole[1])
    return value === undefined ? undefined : labelTexts(value)
  }
  const unknown: string[] = []
  const replaced = text.replaceAll(new RegExp(reference.source, 'g'), (expression, path: string) => {
    const value = lookUp(cell, path)
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    unknown.push(path)
    return expression
  })
  return unknown.length === 0 && !replaced.includes('${{') ? [replaced] : undefined
}

const reference = /\$\{\{\s*matrix\.([\w-]+(?:\.[\w-]+)*)\s*\}\}/

function lookUp(cell: Mapping, path: string): Plain | undefined {
  return path.split('.').reduce<Plain | undefined>((value, key) => mapping(value)[key], cell)
}

/**
 * More cells than GitHub makes, never fewer: the product of the axes, and each `include` by itself and merged into
 * every cell; `exclude` is left out of account. That is enough to know which labels can occur.
 */
function matrixCells(matrix: Plain | undefined): readonly Mapping[] | undefined {
  if (!isMapping(matrix)) return undefined
  let cells: Mapping[] = [{}]
  for (const [axis, values] of Object.entries(matrix)) {
    if (axis === 'include' || axis === 'exclude') continue
    if (typeof values === 'string') return undefined
    cells = cells.flatMap((cell) => list(values).map((value) => ({ ...cell, [axis]: value })))
  }
  const include = matrix['include']
  if (typeof include === 'string') return undefined
  const extra = list(include).map(mapping)
  if (Object.keys(matrix).every((axis) => axis === 'include' || axis === 'exclude')) cells = []
  return [...cells, ...extra, ...extra.flatMap((more) => cells.map((cell) => ({ ...cell, ...more })))]
}
