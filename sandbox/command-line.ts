import { parseArgs } from 'node:util'
import { fail } from '../actions/shared/problem.ts'

export type Shell = 'posix' | 'powershell'

/** What `npm run sandbox -- …` was told. */
export interface CommandLine {
  readonly folder?: string
  readonly port?: number
  readonly faults: readonly string[]
  readonly upstream: 'machine' | 'none'
  /** `owner/name` */
  readonly repository: string
  readonly tags: readonly string[]
  readonly envFile?: string
  readonly logFile?: string
  readonly shell: Shell
  readonly help: boolean
}

export const usage = `npm run sandbox -- [options]

Starts GitHub, PyPI, TestPyPI, Hex and the OIDC issuer on 127.0.0.1 and prints the variables that point any program at them.

  --folder DIR             keep the state in DIR between runs
  --port N                 port of the proxy (any free one)
  --fault RULE             a fault, see docs/sandbox.md; may be given more than once
  --upstream               read packages that the sandbox lacks from the indexes this machine uses
  --repository OWNER/NAME  the repository on GitHub (example/project)
  --tag TAG                a tag in it; may be given more than once
  --write-env FILE         write the variables to FILE as NAME=value lines too; it is removed at the end
  --log-file FILE          write each request to FILE as a line of JSON
  --shell posix|powershell how the variables are printed
`

/** Reads the arguments. Throws an ActionError for an option that is wrong. */
export function parseCommandLine(args: readonly string[], platform: NodeJS.Platform): CommandLine {
  const { folder, port, repository, shell, ...values } = parse(args)
  if (port !== undefined && !/^\d{1,5}$/.test(port)) {
    wrong(`--port ${port} is no port`, 'Give a number from 1 to 65535.')
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) wrong(`--repository ${repository} is no repository`, 'Give OWNER/NAME.')
  const shells: Readonly<Record<string, Shell>> = { posix: 'posix', powershell: 'powershell' }
  const chosen = shells[shell ?? (platform === 'win32' ? 'powershell' : 'posix')]
  if (chosen === undefined) wrong(`--shell ${shell ?? ''} is not known`, 'Give posix or powershell.')
  return {
    faults: values.fault,
    upstream: values.upstream ? 'machine' : 'none',
    repository,
    tags: values.tag,
    shell: chosen,
    help: values.help,
    ...(folder !== undefined && { folder }),
    ...(port !== undefined && { port: Number(port) }),
    ...(values['write-env'] !== undefined && { envFile: values['write-env'] }),
    ...(values['log-file'] !== undefined && { logFile: values['log-file'] })
  }
}

/** The variables as commands of a shell, one a line. */
export function shellCommands(variables: Readonly<Record<string, string>>, shell: Shell): string {
  const lines = Object.entries(variables).map(([name, value]) =>
    shell === 'powershell'
      ? `$env:${name} = '${value.replaceAll("'", "''")}'`
      : `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`
  )
  return `${lines.join('\n')}\n`
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        folder: { type: 'string' },
        port: { type: 'string' },
        fault: { type: 'string', multiple: true, default: [] },
        upstream: { type: 'boolean', default: false },
        repository: { type: 'string', default: 'example/project' },
        tag: { type: 'string', multiple: true, default: [] },
        // Not `env-file`: node takes an option of that name for its own, wherever it stands (nodejs/node#54232).
        'write-env': { type: 'string' },
        'log-file': { type: 'string' },
        shell: { type: 'string' },
        help: { type: 'boolean', default: false, short: 'h' }
      }
    })
    return values
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error), 'See npm run sandbox -- --help.')
  }
}

function wrong(what: string, hint: string): never {
  fail({ code: 'sandbox-option', message: `The sandbox cannot start: ${what}`, hint })
}
