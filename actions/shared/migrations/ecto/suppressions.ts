import type { Suppression } from '../migration.ts'
import type { ElixirSource } from './syntax.ts'

/** Comments of an Elixir file that ask for silence. */
export function readElixirSuppressions(_source: ElixirSource): readonly Suppression[] {
  return []
}
