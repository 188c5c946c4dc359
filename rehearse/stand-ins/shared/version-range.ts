/**
 * Whether a version is one that a set-up action would take for what was asked: `3.12`, `3.x`, `>=3.10`, `24`, `lts/*`,
 * `^27`, `v1.18`, `>=3.9,<3.13`. Only good enough to tell whether the program found here is what was asked for.
 */
export function satisfies(version: string, asked: string): boolean {
  const alternatives = asked.split('||')
  return alternatives.some((alternative) =>
    alternative
      .replaceAll(/([<>=~^!])\s+/g, '$1')
      .split(/[\s,]+(?=[<>=~^!\dvV])/)
      .map((part) => part.trim())
      .filter(Boolean)
      .every((part) => satisfiesOne(numbers(version), part))
  )
}

function satisfiesOne(version: readonly number[], part: string): boolean {
  const match = /^(>=|<=|>|<|\^|~=|~>|~|={1,3}|!=)?\s*[vV]?([\d.xX*]+)/.exec(part)
  // `latest`, `lts/*`, `stable` and names of implementations: nothing to compare with.
  if (match?.[2] === undefined) return /^(latest|stable|node|lts\/\*|\*|x)$/i.test(part)
  const wanted = match[2]
    .split('.')
    .filter((piece) => /^\d+$/.test(piece))
    .map(Number)
  const order = compare(version, wanted)
  const accepts: Readonly<Record<string, boolean>> = {
    '>=': order >= 0,
    '<=': order <= 0 || startsWith(version, wanted),
    '>': order > 0 && !startsWith(version, wanted),
    '<': order < 0,
    '^': order >= 0 && startsWith(version, wanted.slice(0, 1)),
    '!=': !startsWith(version, wanted)
  }
  const operator = match[1] ?? '='
  // `~=`, `~>` and `~`: the last number given may grow.
  if (operator.startsWith('~'))
    return order >= 0 && startsWith(version, wanted.slice(0, Math.max(1, wanted.length - 1)))
  return accepts[operator] ?? startsWith(version, wanted)
}

function numbers(version: string): readonly number[] {
  return version.split(/[.+-]/).map(Number).filter(Number.isFinite)
}

function startsWith(version: readonly number[], wanted: readonly number[]): boolean {
  return wanted.every((number, index) => version[index] === number)
}

function compare(version: readonly number[], wanted: readonly number[]): number {
  for (let index = 0; index < Math.max(version.length, wanted.length); index++) {
    const difference = (version[index] ?? 0) - (wanted[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
