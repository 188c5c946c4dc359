import { childEnvironment, findProgram, runProgram } from '../../shared/program.ts'
import type { World } from '../../shared/world.ts'
import { toolUrl } from '../database/url-forms.ts'
import type { ToolResult, ToolRun } from '../tool.ts'
import { withOwnConfiguration } from './own-configuration.ts'
import type { PrismaConfiguration } from './prisma-configuration.ts'
import { readPrismaOutput, type PrismaCommand } from './prisma-output.ts'

/** The `prisma` of a project as it can be started. */
export interface PrismaProgram {
  /** Node, by which its script is run. */
  readonly node: string
  /** `…/node_modules/prisma/build/index.js` */
  readonly script: string
  /** `7.10.1` */
  readonly version: string
  /** Absolute, the working directory of each command. */
  readonly folder: string
  readonly configuration: PrismaConfiguration
  /** Of this process; each command gets of it what holds no secret, and its own URL. */
  readonly environment: NodeJS.ProcessEnv
}

export interface PrismaCall {
  readonly command: PrismaCommand
  readonly args: readonly string[]
  /** It needs no database, and gets the address of none. */
  readonly offline?: boolean
  /** More variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Its standard output is a script, which is given whole as the output, and not told in the log. */
  readonly script?: boolean
}

/** The part of the world that a program needs. */
export type ToolWorld = Pick<World, 'log' | 'secrets'> & Partial<Pick<World, 'cancelled'>>

/**
 * Runs one command of the CLI; what it says stands in a folded group of the log. Where it is not certain that the project's
 * configuration takes the address of the run, one of ours has that in place of its own.
 */
export function runPrisma(
  program: PrismaProgram,
  call: PrismaCall,
  run: ToolRun,
  world: ToolWorld
): Promise<ToolResult> {
  const connects = call.offline !== true && call.command !== 'seed'
  // The path of a database that is a file starts where the configuration lies.
  const isFile = 'other' in run.url && run.url.other === 'sqlite'
  if (program.configuration.uncertain === undefined || !connects || isFile || call.args.includes('--config'))
    return start(program, call, run, world)
  return withOwnConfiguration(program, { run }, world, ({ file, env }) =>
    start(program, { ...call, args: [...call.args, '--config', file], env: { ...call.env, ...env } }, run, world)
  )
}

async function start(
  program: PrismaProgram,
  call: PrismaCall,
  run: ToolRun,
  { log, secrets, cancelled }: ToolWorld
): Promise<ToolResult> {
  const url = toolUrl(run.url, { ...run, driver: 'prisma' })
  secrets.add(url)
  const shown = `prisma ${call.args.join(' ')}`
  const script: Buffer[] = []
  const result = await log.group(shown, () =>
    runProgram({
      program: program.node,
      args: [program.script, ...call.args, ...schemaOption(program, call)],
      folder: program.folder,
      env: { ...prismaEnvironment(program, call.offline === true ? undefined : url, secrets), ...call.env },
      timeout: run.timeout,
      log,
      secrets,
      ...(call.script === true ? { takeOutput: (piece: Buffer) => script.push(piece) } : {}),
      ...(cancelled === undefined ? {} : { cancelled })
    })
  )
  const told = secrets.redact(Buffer.concat(script).toString('utf8'))
  return {
    exitCode: result.exitCode,
    end: result.end,
    ...readPrismaOutput(call.command, `${told}\n${result.output}`),
    output: call.script === true && told.trim() !== '' ? told : result.output
  }
}

/** The Node of the project's steps, which its lock file was made for; else the one that runs this action. */
export function nodeFor(environment: NodeJS.ProcessEnv): string {
  return findProgram('node', childEnvironment(environment)) ?? process.execPath
}

/**
 * All of its environment: what holds no secret, and its URL under each name that its configuration has for it.
 * @param url undefined: an address where nothing is, as the CLI wants one even for what needs no database
 */
export function prismaEnvironment(
  { environment, configuration }: Pick<PrismaProgram, 'environment' | 'configuration'>,
  url: string | undefined,
  secrets: World['secrets']
): Record<string, string> {
  const own = childEnvironment(environment, { secrets })
  const nowhere = nowhereOf(configuration.provider)
  const missing = [...configuration.demanded, ...configuration.shadowVariables].filter(
    (name) => own[name] === undefined
  )
  // Colours would stand between the words, and debugging texts too.
  const quiet = Object.fromEntries(Object.entries(own).filter(([name]) => !/^(?:FORCE_COLOR|DEBUG)$/.test(name)))
  return {
    ...quiet,
    NO_COLOR: '1',
    CI: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    // It would look for a newer release by a process that outlives the command.
    CHECKPOINT_DISABLE: '1',
    // `generate` would fetch @prisma/client by npm where it is not installed.
    PRISMA_GENERATE_SKIP_AUTOINSTALL: '1',
    ...Object.fromEntries(missing.map((name) => [name, nowhere])),
    ...Object.fromEntries(configuration.urlVariables.map((name) => [name, url ?? nowhere]))
  }
}

/** A form that the provider takes; nothing listens there. */
function nowhereOf(provider = 'postgresql'): string {
  return (
    {
      sqlite: 'file:./nowhere.db',
      sqlserver: 'sqlserver://127.0.0.1:9;database=nowhere',
      mysql: 'mysql://nowhere:nowhere@127.0.0.1:9/nowhere',
      mongodb: 'mongodb://127.0.0.1:9/nowhere'
    }[provider] ?? 'postgresql://nowhere:nowhere@127.0.0.1:9/nowhere'
  )
}

function schemaOption({ configuration, version }: PrismaProgram, { command, args }: PrismaCall): readonly string[] {
  const { schema, schemaGiven } = configuration
  if (schema === undefined || !schemaGiven || args.includes('--config')) return []
  // 7 reads the seed from its configuration alone, and refuses the option.
  if (command === 'diff' || (command === 'seed' && !version.startsWith('6.'))) return []
  return ['--schema', schema]
}
