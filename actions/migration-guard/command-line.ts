import { isRevision } from './inputs.ts'
import type { LocalState } from './local-change.ts'

/** What the command line asks for. Without one, inside a runner, the program is the action. */
export type Command =
  | {
      readonly kind: 'check'
      /** Inputs of the action by name, as their text. */
      readonly inputs: Readonly<Record<string, string>>
      readonly state: LocalState
      /** The verdict is printed as JSON. */
      readonly json: boolean
    }
  | { readonly kind: 'mix-guard'; readonly repository: string }
  | {
      readonly kind: 'manifest'
      /** Of migrations, relative to the repository. */
      readonly folder: string
      /** State that is listed; undefined: HEAD. */
      readonly ref: string | undefined
      /** The checkout. */
      readonly path: string
    }
  | { readonly kind: 'help' }
  /** It cannot be understood. */
  | { readonly kind: 'usage'; readonly message: string }

/**
 * Reads the arguments. Undefined: there are none, and the runner's environment says that this is a step of a workflow.
 *
 * @param argv without the program and its file
 */
export function commandOf(argv: readonly string[], env: NodeJS.ProcessEnv): Command | undefined {
  const [word, ...rest] = argv
  if (word === undefined) {
    return env['GITHUB_ACTIONS'] === 'true' ? undefined : { kind: 'usage', message: 'What is to be done is missing.' }
  }
  if (word === 'help' || word === '--help' || word === '-h') return { kind: 'help' }
  const read = commands[word]
  if (read === undefined) return { kind: 'usage', message: `There is no command ${JSON.stringify(word)}.` }
  const given = readOptions(word, rest)
  if ('message' in given) return { kind: 'usage', message: given.message }
  return given.options.has('--help') ? { kind: 'help' } : read(given)
}

export const usage = `Guards database migrations, as the action migration-guard does.

  check        Judges what the working tree adds to the branch that it came from.
    --base REF         branch, tag or commit that the change goes to; by default the upstream, where that is another
                       branch than this one, or the default branch of origin
    --staged           judge what is staged, as a pre-commit hook must
    --commit REF       judge a commit, as a pre-push hook must; by default it goes to the default branch of origin
    --json             print everything as JSON
    --sarif FILE       write SARIF too
    --config FILE      configuration, read at the base; by default .github/migration-guard.yml
    --path FOLDER      folder of the checkout; by default this one
    --fail-on LEVEL    error, warning or never
    --profile NAME     default, calm or strict
    --lint, --no-lint  with or without the rules about SQL
    --postgres VERSION major version of the server
    ALLOW_CORE_MIGRATION=true lets changes of frozen paths pass here, and says so; it never does in a workflow.

  mix-guard    Prints the aliases that stop migrations, for a mix.exs.
    --repo NAME        name of the repository that the message tells

  manifest     Prints the blob ids of a folder's migrations, for repositories that are to have the same ones.
    FOLDER             such as priv/repo/migrations
    --ref REF          state that is listed; by default HEAD
    --path FOLDER      folder of the checkout; by default this one

Exit codes: 0 passed, 1 failed, 2 could not judge.
`

interface Given {
  readonly words: readonly string[]
  /** Values by option; '' for those that take none. */
  readonly options: ReadonlyMap<string, string>
}

const commands: Readonly<Record<string, (given: Given) => Command>> = {
  check: ({ words: [word], options }) => {
    if (word !== undefined) return { kind: 'usage', message: `check takes no ${JSON.stringify(word)}.` }
    const commit = options.get('--commit')
    const staged = options.has('--staged')
    if (commit !== undefined && staged) return { kind: 'usage', message: 'check takes --staged or --commit, not both.' }
    if (commit !== undefined && !isRevision(commit)) {
      return { kind: 'usage', message: `--commit is ${JSON.stringify(commit)}, which names no commit.` }
    }
    return {
      kind: 'check',
      inputs: Object.fromEntries(
        [...options].flatMap(([option, value]) => {
          const input = inputOf[option]
          return input === undefined ? [] : [[input.name, input.value ?? value]]
        })
      ),
      state: commit !== undefined ? { commit } : staged ? 'index' : 'working tree',
      json: options.has('--json')
    }
  },
  'mix-guard': ({ words: [word], options }) => {
    const repository = options.get('--repo')?.split('/').at(-1)
    if (word !== undefined) return { kind: 'usage', message: `mix-guard takes no ${JSON.stringify(word)}.` }
    if (repository === undefined) return { kind: 'usage', message: 'mix-guard needs --repo NAME.' }
    // GitHub's own rule for names of repositories; the name becomes part of a program.
    return /^[\w.-]{1,100}$/.test(repository)
      ? { kind: 'mix-guard', repository }
      : { kind: 'usage', message: `${JSON.stringify(repository)} is no name of a repository.` }
  },
  manifest: ({ words: [folder, another], options }) =>
    folder === undefined || another !== undefined
      ? { kind: 'usage', message: 'manifest takes one folder, such as priv/repo/migrations.' }
      : { kind: 'manifest', folder, ref: options.get('--ref'), path: options.get('--path') ?? '.' }
}

/** Options of `check` that are inputs of the action; `value` where the option itself says it. */
const inputOf: Readonly<Record<string, { readonly name: string; readonly value?: string }>> = {
  '--base': { name: 'base' },
  '--sarif': { name: 'sarif' },
  '--config': { name: 'config' },
  '--path': { name: 'path' },
  '--fail-on': { name: 'fail-on' },
  '--profile': { name: 'profile' },
  '--postgres': { name: 'postgres' },
  '--lint': { name: 'lint', value: 'true' },
  '--no-lint': { name: 'lint', value: 'false' }
}

/** Options of each command, and whether they take a value. */
const optionsOf: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  check: {
    ...Object.fromEntries(Object.entries(inputOf).map(([option, { value }]) => [option, value === undefined])),
    '--staged': false,
    '--commit': true,
    '--json': false
  },
  'mix-guard': { '--repo': true },
  manifest: { '--ref': true, '--path': true }
}

function readOptions(command: string, rest: readonly string[]): Given | { readonly message: string } {
  const words: string[] = []
  const options = new Map<string, string>()
  for (let at = 0; at < rest.length; at++) {
    const argument = rest[at] ?? ''
    if (!argument.startsWith('-')) {
      words.push(argument)
      continue
    }
    const [, option = argument, written] = /^(--[^=]+)=(.*)$/s.exec(argument) ?? []
    if (option === '--help' || option === '-h') return { words, options: new Map([['--help', '']]) }
    const takesValue = optionsOf[command]?.[option]
    if (takesValue === undefined) return { message: `${command} has no option ${JSON.stringify(option)}.` }
    if (options.has(option)) return { message: `${option} is given twice.` }
    if (!takesValue && written !== undefined) return { message: `${option} takes no value.` }
    const value = takesValue && written === undefined ? rest[++at] : (written ?? '')
    if (value === undefined || (takesValue && (value === '' || (written === undefined && value.startsWith('-'))))) {
      return { message: `${option} needs a value.` }
    }
    options.set(option, value)
  }
  return { words, options }
}
