import type { ElixirParser } from '../../parsers.ts'
import { aliasMark, canonicalWords } from './canonical.ts'
import { readSyntax } from './syntax.ts'

/**
 * `identical`: byte for byte. `equal`: Elixir reads the same code, only layout and comments differ. `module-renamed`:
 * the same code, in which modules that the file defines have other names, or the application that they belong to has.
 * `unreadable`: one of the two is no Elixir.
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
  const renamed = new Map<string, string>()
  for (const [index, old] of before.entries()) {
    if (!isDefined(before, index)) continue
    const new_ = after[index] ?? ''
    // Two names that became one, or one that became two, are more than a renaming.
    if ((renamed.get(old) ?? new_) !== new_) return 'different'
    renamed.set(old, new_)
  }
  if (new Set(renamed.values()).size < renamed.size) return 'different'
  const same = before.every((old, index) => {
    const new_ = after[index] ?? ''
    return (renamed.get(old) ?? old) === new_ || isOfRenamedApplication(old, new_, renamed)
  })
  if (!same) return 'different'
  return before.every((old, index) => old === after[index]) ? 'equal' : 'module-renamed'
}

/** The name of a module that is defined there: `call defmodule, 2 arguments, the name`. */
function isDefined(words: readonly string[], index: number): boolean {
  return words[index]?.startsWith(aliasMark) === true && words[index - 2] === 'identifier:defmodule'
}

/** `Shop.Repo` that became `Store.Repo`, as `Shop.Repo.Migrations.A` became `Store.Repo.Migrations.A`. */
function isOfRenamedApplication(old: string, new_: string, renamed: ReadonlyMap<string, string>): boolean {
  const [oldRoot, oldRest] = rootAndRest(old)
  const [newRoot, newRest] = rootAndRest(new_)
  if (!old.startsWith(aliasMark) || oldRest !== newRest || oldRest === '') return false
  return [...renamed].some(([from, to]) => {
    const [fromRoot, fromRest] = rootAndRest(from)
    const [toRoot, toRest] = rootAndRest(to)
    return fromRoot === oldRoot && toRoot === newRoot && fromRest === toRest && fromRest !== ''
  })
}

function rootAndRest(name: string): readonly [root: string, rest: string] {
  const dot = name.indexOf('.')
  return dot === -1 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
}
