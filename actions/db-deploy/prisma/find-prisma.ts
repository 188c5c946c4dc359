import { relative } from 'node:path'
import type { Problem } from '../../shared/problem.ts'
import { parseSemver } from '../../shared/semver.ts'
import { toolUrl } from '../database/url-forms.ts'
import type { ToolChoice, ToolProject } from '../find-tool.ts'
import { runSeedCommand } from '../seed-command.ts'
import { findPrismaFiles } from '../state/prisma-files.ts'
import type { FoundTool, PrismaTool, ToolRun, ToolStep } from '../tool.ts'
import { takesOwnConfiguration } from './own-configuration.ts'
import { readPrismaConfiguration, type PrismaConfiguration } from './prisma-configuration.ts'
import { findPrismaPackage } from './prisma-package.ts'
import { nodeFor, prismaEnvironment, runPrisma, type PrismaProgram, type ToolWorld } from './prisma-program.ts'

/** The project's own Prisma, as it is installed, and what its configuration says of the database. Runs nothing. */
export function findPrisma(project: ToolProject, inputs: ToolChoice, world: ToolWorld): FoundTool {
  const installed = findPrismaPackage(project.folder, inputs.shownFolder)
  const read =
    project.prisma === undefined ? findPrismaFiles(project.folder, inputs.migrations.schema) : { files: project.prisma }
  const configuration = 'files' in read ? readPrismaConfiguration(read.files, project.folder) : undefined
  const version = 'found' in installed ? installed.found.version : undefined
  const problems = [
    ...('problem' in installed ? [installed.problem] : []),
    ...('problems' in read ? read.problems : []),
    ...(configuration === undefined ? [] : configurationProblems(configuration, version, inputs, project.folder))
  ]
  if (problems.length > 0 || 'problem' in installed || configuration === undefined) return { problems }
  const program: PrismaProgram = {
    ...installed.found,
    node: nodeFor(inputs.environmentVariables),
    folder: project.folder,
    configuration,
    environment: inputs.environmentVariables
  }
  return { tool: prismaTool(program, inputs.seed.command, world) }
}

function prismaTool(program: PrismaProgram, seedLine: string | undefined, world: ToolWorld): PrismaTool {
  const step = (name: ToolStep['name'], args: readonly string[], offline: boolean): ToolStep => ({
    name,
    title: `prisma ${args.join(' ')}`,
    run: (run) => runPrisma(program, { command: name, args, offline }, run, world)
  })
  return {
    framework: 'prisma',
    program,
    facts: {
      framework: 'prisma',
      label: `prisma ${program.version}`,
      version: program.version,
      atomic: commitsWholeFiles(program.version)
    },
    steps: [
      step('validate', ['validate'], true),
      step('generate', ['generate'], true),
      step('status', ['migrate', 'status'], false)
    ],
    migrate: (run) => runPrisma(program, { command: 'deploy', args: ['migrate', 'deploy'] }, run, world),
    seedCommand: seedLine ?? toldSeed(program.configuration),
    seed: (run) =>
      seedLine === undefined
        ? runPrisma(program, { command: 'seed', args: ['db', 'seed'] }, run, world)
        : runSeedCommand(
            { command: seedLine, folder: program.folder, env: seedEnvironment(program, run, world) },
            run,
            world
          )
  }
}

/** From 7.4 on each statement of a file commits by itself (prisma-engines #5767). */
function commitsWholeFiles(version: string): boolean {
  const { major, minor } = parseSemver(version) ?? { major: 7n, minor: 4n }
  return major < 7n || (major === 7n && minor < 4n)
}

function toldSeed({ seed }: PrismaConfiguration): string | undefined {
  if (seed === undefined) return undefined
  return seed.command === undefined ? 'prisma db seed' : `prisma db seed (${seed.command})`
}

function seedEnvironment(program: PrismaProgram, run: ToolRun, { secrets }: ToolWorld): Record<string, string> {
  const url = toolUrl(run.url, { ...run, driver: 'prisma' })
  secrets.add(url)
  // Whatever its configuration calls it, a seed of one's own looks for Prisma's usual name.
  return { ...prismaEnvironment(program, url, secrets), DATABASE_URL: url }
}

function configurationProblems(
  { file, schema, literalUrl, assembledUrl, uncertain }: PrismaConfiguration,
  version: string | undefined,
  { shownFolder, migrations }: ToolChoice,
  folder: string
): readonly Problem[] {
  const problems: Problem[] = []
  if (schema === undefined) {
    problems.push({
      code: 'prisma-schema-missing',
      message: `There is no Prisma schema in ${shownFolder}: neither where a configuration says, nor schema.prisma or prisma/schema.prisma.`,
      hint: 'Set working-directory to the package that has it, or name the file or folder in the input schema.'
    })
  }
  if (literalUrl !== undefined && /^(?:postgres|postgresql|prisma\+?\w*):/.test(literalUrl.url)) {
    problems.push({
      code: 'prisma-url-written',
      message: `${literalUrl.file} has the address of a database written out. Prisma would migrate that one, whatever was checked and backed up.`,
      hint: `Write env("DATABASE_URL") in its place${migrations.schema === undefined ? '' : ' in the schema'}, and change the password if the address holds one: it is in the repository's history.`,
      file: literalUrl.file,
      line: literalUrl.line
    })
  }
  if (assembledUrl !== undefined) {
    problems.push({
      code: 'prisma-url-assembled',
      message: `${assembledUrl.file} puts the address of the database together from parts, and so cannot be given that of this run.`,
      hint: "Write `url: env('DATABASE_URL')` in its place, or `process.env.DATABASE_URL ?? …` before it.",
      ...assembledUrl
    })
  }
  if (uncertain === 'code' && file !== undefined && version !== undefined && !takesOwnConfiguration(version)) {
    const shown = relative(folder, file)
    problems.push({
      code: 'prisma-url-elsewhere',
      message: `${shown} may lead Prisma to another database than this run: it has an adapter, changes variables, or runs modules that may. Prisma ${version} takes no other configuration with an address.`,
      hint: "Upgrade prisma and @prisma/client to 6.18 or newer; or let the configuration import nothing but prisma/config, dotenv, and Node's path, url and fs, and change no variable.",
      file: shown
    })
  }
  return problems
}
