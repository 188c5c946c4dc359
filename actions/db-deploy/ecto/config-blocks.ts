/** `config :app, App.Repo, …` of one file, read as text. */
export interface ConfigBlock {
  readonly module: string
  /** What is given to it, as written. */
  readonly text: string
  /** Relative to the project. */
  readonly file: string
  readonly line: number
  /** All of its file, which its variables are given in. */
  readonly whole: string
  /** It is a list of `name: value`; where not, anything may be in it. */
  readonly plain: boolean
  /** Whether it holds in the environment of Mix that is asked for, by the `if`s around it. */
  readonly applies: 'yes' | 'no' | 'perhaps'
}

/**
 * @param text without comments
 * @param environment `prod`; undefined where it is not known
 */
export function configBlocks(text: string, file: string, environment: string | undefined): readonly ConfigBlock[] {
  const lines = text.split('\n')
  return lines.flatMap((line, at) => {
    const indent = /^([ \t]*)config(?=[ (])/.exec(line)?.[1]?.length
    if (indent === undefined) return []
    const end = lines.findIndex(
      (other, index) => index > at && other.trim() !== '' && indentOf(other) <= indent && !/^\s*[)\]]/.test(other)
    )
    const block = lines.slice(at, end === -1 ? undefined : end).join('\n')
    const head = /^[ \t]*config[ (]\s*:\w+,\s*([A-Z][\w.]*)/.exec(block)
    const module = head?.[1]
    if (head === null || module === undefined) return []
    const given = block.slice(head[0].length)
    return [
      {
        module,
        text: given,
        file,
        line: at + 1,
        whole: text,
        plain: /^\s*,\s*\[?\s*\w+:\s/.test(given) && !/\+\+|Keyword\./.test(given),
        applies: appliesAt(lines, at, environment)
      }
    ]
  })
}

/** What stands behind `name:`, to the end of its line, or of its brackets where it is only the beginning. */
export function valuesOf(text: string, name: string): readonly string[] {
  return Array.from(text.matchAll(new RegExp(`(?<![\\w:.])${name}:\\s*([^\\n]+)`, 'g')), ([, value = '']) => value)
}

/** The variables of the environment that a value is made of: asked for at once, or by a name that the file gives it. */
export function variablesIn(value: string, whole: string): readonly string[] {
  // Up to the next name of the same line.
  const own = value.replace(/,\s*\w+:\s.*$/, '')
  const asked = askedFor(own)
  const name = /^([a-z_]\w*)\s*[,)\]]*$/.exec(own)?.[1]
  return asked.length > 0 || name === undefined ? asked : askedFor(givenTo(name, whole))
}

/** A text that is written out, without anything put into it; undefined for everything else. */
export function literalIn(value: string): string | undefined {
  return /^"([^"#\\]*)"\s*(?:[,)\]]|$)/.exec(value)?.[1]
}

/** `System.get_env("X")`, `System.fetch_env!("X")`, and what a project makes of them: `env!("X", :string)`. */
function askedFor(text: string): readonly string[] {
  return Array.from(text.matchAll(/\b\w*env!?\(\s*"(\w+)"/g), ([, name = '']) => name)
}

/** `database_url = System.get_env("DATABASE_URL") || raise …`, as Phoenix writes it, over several lines too. */
function givenTo(name: string, whole: string): string {
  return new RegExp(`^([ \\t]*)${name}\\s*=.*(?:\\n(?:\\1[ \\t]+.*|[ \\t]*)$)*`, 'm').exec(whole)?.[0] ?? ''
}

function appliesAt(lines: readonly string[], at: number, environment: string | undefined): ConfigBlock['applies'] {
  let result: ConfigBlock['applies'] = 'yes'
  let indent = indentOf(lines[at] ?? '')
  let otherwise = false
  for (let above = at - 1; above >= 0 && (indent > 0 || otherwise); above--) {
    const line = lines[above] ?? ''
    const opener = line.trim()
    if (
      opener === '' ||
      (otherwise ? indentOf(line) !== indent || !/^(?:if|unless)\b/.test(opener) : indentOf(line) >= indent)
    )
      continue
    indent = indentOf(line)
    if (opener === 'else') {
      otherwise = true
      continue
    }
    const holds = conditionHolds(opener, environment)
    const here = holds === undefined ? 'perhaps' : holds !== otherwise ? 'yes' : 'no'
    otherwise = false
    if (here === 'no') return 'no'
    if (here === 'perhaps') result = 'perhaps'
  }
  return result
}

/** `if config_env() == :prod do`; undefined for what takes running it. */
function conditionHolds(opener: string, environment: string | undefined): boolean | undefined {
  const [, word, sign, names = ''] =
    /^(if|unless) (?:config_env\(\)|Mix\.env\(\)|Mix\.env) (==|!=|in) (:\w+|\[[^\]]*\]) do$/.exec(opener) ?? []
  if (word === undefined || environment === undefined) return undefined
  const named = Array.from(names.matchAll(/:(\w+)/g), ([, name]) => name).includes(environment)
  return (word === 'if') === (sign === '!=' ? !named : named)
}

function indentOf(line: string): number {
  return /^[ \t]*/.exec(line)?.[0].length ?? 0
}
