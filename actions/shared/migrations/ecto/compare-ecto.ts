import type { ElixirParser } from '../../parsers.ts'
import { aliasMark, canonicalWords } from './canonical.ts'
import { readSyntax } from './syntax.ts'

/**
 * `identical`: byte for byte. `equal`: Elixir reads the same code, only layout and comments differ. `module-renamed`:
 * the same code with other names of modules. `unreadable`: one of the two is no Elixir.
 */
export type EctoComparison = 'identical' | 'equal' | 'module-renamed' | 'different' | 'unreadable'

/** How an edit changed a migration. */
export function compareEcto(before: string, after: string, elixir: ElixirParser): EctoComparison {
  if (before === after) return 'identical'
  const [old, new_] = [readSyntax(before, elixir), readSyntax(after, elixir)]
  if (old.error !== undefined || new_.error !== undefined || old.tooDeep || new_.tooDeep) return 'unreadable'
  return compareWords(canonicalWords(old), canonicalWords(new_))
}

function compareWords(before: readonly string[], after: readonly string[]): EctoComparison {
  if (before.length !== after.length) return 'different'
  let renamed = false
  // Each name became one other: two that became one, or one that became two, is more than a renaming.
  const forth = new Map<string, string>()
  const back = new Map<string, string>()
  for (const [index, old] of before.entries()) {
    const new_ = after[index] ?? ''
    const names = old.startsWith(aliasMark) && new_.startsWith(aliasMark)
    if (!names) {
      if (old !== new_) return 'different'
      continue
    }
    if ((forth.get(old) ?? new_) !== new_ || (back.get(new_) ?? old) !== old) return 'different'
    forth.set(old, new_)
    back.set(new_, old)
    renamed ||= old !== new_
  }
  return renamed ? 'module-renamed' : 'equal'
}
