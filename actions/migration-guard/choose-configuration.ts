import { defaultConfiguration } from './inputs.ts'
import type { OwnFiles } from './own-files.ts'
import type { Tree } from './tree.ts'

/** Which file holds, and why it is not the one that was asked for. */
export interface ConfigurationChoice {
  /** Undefined where there is none. */
  readonly file: string | undefined
  readonly notes: readonly string[]
}

/**
 * Chooses the configuration. Input `config` is part of a pull request, so what the workflows of the base name decides:
 * those of the running one where the base has it, or else of any. Where none of these is there, the one at the usual
 * place; and where that is not there either, the one that was asked for.
 *
 * @param running path of the workflow that runs the guard
 */
export function chooseConfiguration(
  { files }: Pick<Tree, 'files'>,
  asked: string,
  { configurations }: Pick<OwnFiles, 'configurations'>,
  running: string | undefined
): ConfigurationChoice {
  const mine = running === undefined ? undefined : configurations.get(running)
  const named = mine ?? [...configurations.values()].flat()
  const there = [...named, ...(mine === undefined || named.length === 0 ? [defaultConfiguration] : [])]
  if (files.has(asked) && there.some((pattern) => fits(asked, pattern))) return { file: asked, notes: [] }

  const usual = mine === undefined ? [defaultConfiguration, ...named] : [...named, defaultConfiguration]
  const others = [...configurations.values()].flat()
  const file = [...usual, ...others, asked].find((path) => files.has(path))
  if (file === undefined || file === asked) return { file, notes: [] }
  const why = files.has(asked)
    ? `No workflow at the base gives ${asked} as input config`
    : `There is no ${asked} at the base`
  return { file, notes: [`${why}, so ${file} holds: input config cannot put the configuration away.`] }
}

/** Expressions of a workflow may become any part of a path. */
function fits(path: string, pattern: string): boolean {
  if (!pattern.includes('${{')) return path === pattern
  const parts = pattern.split(/\$\{\{.*?\}\}/s)
  // An expression alone says nothing; the texts that it can become are beside it.
  if (parts.every((part) => part === '')) return false
  const escaped = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${escaped.join('.+')}$`, 's').test(path)
}
