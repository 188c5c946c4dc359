import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFile } from './folder-patterns.ts'

/** What config/*.exs of a Mix project says of its repositories, read as text and never run. */
export interface EctoConfiguration {
  /** Modules of `ecto_repos`, where they stand there plainly. */
  readonly repositories: readonly string[] | undefined
  /** Modules that are configured and are called as repositories are. */
  readonly configured: readonly string[]
  /** What a setting of a repository is; `computed` where it takes running the file. */
  setting(module: string, name: string): EctoSetting | undefined
}

export type EctoSetting =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'computed'; readonly source: string; readonly file: string }

/** Those that a release is built and started with; what dev and test say is not for it. */
const files = ['config.exs', 'prod.exs', 'runtime.exs', 'releases.exs'].map((name) => join('config', name))

/** @param folder absolute: of the mix project, or of the umbrella */
export function readEctoConfiguration(folder: string): EctoConfiguration {
  const texts = files
    .filter((file) => isFile(join(folder, file)))
    .map((file) => ({ file, text: withoutComments(readFileSync(join(folder, file), 'utf8')) }))
  const blocks = texts.flatMap(({ file, text }) =>
    text.split(/^(?=[ \t]*config[ (])/m).flatMap((block) => {
      const module = /^[ \t]*config[ (]\s*:\w+,\s*([A-Z][\w.]*)/.exec(block)?.[1]
      return module === undefined ? [] : [{ file, text, module, block }]
    })
  )
  const lists = texts.flatMap(({ text }) =>
    Array.from(text.matchAll(/\becto_repos:\s*\[([^\]]*)\]/g), ([, list = '']) => list)
  )
  const named = lists.flatMap((list) => list.split(',').map((name) => name.trim())).filter((name) => name !== '')
  const plain = named.length > 0 && named.every((name) => /^[A-Z][\w.]*$/.test(name))
  return {
    repositories: plain ? [...new Set(named)] : undefined,
    configured: [...new Set(blocks.map(({ module }) => module).filter((module) => /Repo$/.test(module)))],
    setting(module, name) {
      // A later file has the last word.
      const found = blocks
        .filter((block) => block.module === module)
        .flatMap(({ file, text, block }) => {
          const source = new RegExp(`\\b${name}:\\s*("[^"]*"|[^\\s,)\\]]+)`).exec(block)?.[1]
          return source === undefined ? [] : [{ source, text, file }]
        })
        .at(-1)
      if (found === undefined) return undefined
      const literal = literalOf(found.source) ?? literalOf(variable(found.source, found.text) ?? '')
      return literal === undefined
        ? { kind: 'computed', source: found.source, file: found.file }
        : { kind: 'text', text: literal }
    }
  }
}

function withoutComments(text: string): string {
  return text.replaceAll(/^[ \t]*#.*$/gm, '')
}

/** `"text"` without interpolation; an atom serves as a name, too. */
function literalOf(source: string): string | undefined {
  return /^"([^"#\\]*)"$/.exec(source)?.[1] ?? /^:(\w+)$/.exec(source)?.[1]
}

/** What `name = "…"` gives a variable of the file, where it is given once. */
function variable(name: string, text: string): string | undefined {
  if (!/^[a-z_]\w*$/.test(name)) return undefined
  const values = Array.from(
    text.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, 'gm')),
    ([, value]) => value
  )
  return values.length === 1 ? values[0] : undefined
}
