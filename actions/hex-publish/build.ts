import { globSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../shared/problem.ts'
import type { ProgramResult } from '../shared/program.ts'
import type { World } from '../shared/world.ts'
import { buildFailure, lastLines } from './build-failure.ts'
import { readPlainFile } from './plain-file.ts'
import { placeOf, type BuildTool, type Project } from './project.ts'
import { runTool, toolOf } from './run-tool.ts'
import type { Toolchain } from './toolchain.ts'

/** A package as its build tool left it. What is inspected and sent are these bytes, whatever becomes of the file. */
export interface BuiltTarball {
  readonly bytes: Buffer
  /** Absolute. */
  readonly path: string
  readonly shown: string
  /** What the tool said on its error stream and did not stop for, with its warnings: for the summary. */
  readonly warnings: readonly string[]
}

/** No package of Hex is longer than 16 MiB; what is far beyond is not read to say so. Bytes. */
const longestRead = 64 * 1024 * 1024

/**
 * Builds the package with the project's own tool, which gets neither key nor input, and reads the file once.
 *
 * @throws {ActionError} with the tool's last lines, and the cause where it is a known one
 */
export async function buildTarball(
  project: Project,
  toolchain: Pick<Toolchain, 'env'>,
  world: Pick<World, 'log' | 'secrets'>
): Promise<BuiltTarball> {
  const { args, leaves } = builds[toolOf(project)]
  const before = await lookAt(project, leaves)
  const result = await runTool(project, args, toolchain, world)
  const command = [project.tool, ...args].join(' ')
  if (result.exitCode !== 0) return fail(buildFailure(project, command, result, 'build-failed'))
  const after = await lookAt(project, leaves)
  const written = [...after].filter(([name, look]) => before.get(name) !== look).map(([name]) => name)
  const [name, ...others] = ofSeveral(written, result.output)
  if (name === undefined || others.length > 0) {
    return fail({
      code: 'build-failed',
      message: `${command} ended well, and ${name === undefined ? `left no new file ${leaves}` : `left several: ${written.join(', ')}`} in ${placeOf(project.shown)}.`,
      hint: `Build it in an earlier step, and give the file in tarball.${lastLines(result.output)}`
    })
  }
  const path = join(project.folder, name)
  const read = await readPlainFile(path, longestRead)
  if ('fault' in read) {
    return fail({
      code: 'build-failed',
      message: `${command} left ${name}, and it cannot be taken: ${read.fault}.`,
      hint: `See what writes it. If it is only long, name the files that belong into the package: \`package: [files: …]\` in mix.exs, \`files\` in the .app.src.`
    })
  }
  return {
    bytes: read.bytes,
    path,
    shown: project.shown === '.' ? name : `${project.shown}/${name}`,
    warnings: warningsIn(result)
  }
}

/** Hex's client says which file is the package; a build can leave other archives beside it. */
function ofSeveral(written: readonly string[], output: string): readonly string[] {
  const said = written.filter((name) => output.split('\n').includes(`Saved to ${name}`))
  return said.length === 1 ? said : written
}

interface Build {
  readonly args: readonly string[]
  /** Glob of the file it leaves, in the project's folder. */
  readonly leaves: string
}

const builds: Readonly<Record<BuildTool, Build>> = {
  mix: { args: ['hex.build'], leaves: '*.tar' },
  // rebar3_hex_build:output_dir; the profile may be another than default (REBAR_PROFILE).
  rebar3: { args: ['hex', 'build', 'package'], leaves: '_build/*/lib/*/hex/*.tar' },
  // compiler-core/src/paths.rs, build_export_hex_tarball
  gleam: { args: ['export', 'hex-tarball'], leaves: 'build/*.tar' }
}

/** What can be seen from outside of each file, without following links: a tool that builds again writes again. */
async function lookAt({ folder }: Project, leaves: string): Promise<ReadonlyMap<string, string>> {
  const looks = globSync(leaves, { cwd: folder }).map(async (name): Promise<[string, string]> => {
    // What is gone meanwhile, or in a folder that cannot be entered, looks like nothing both times.
    const found = await lstat(join(folder, name), { bigint: true }).catch(() => undefined)
    return [name.replaceAll('\\', '/'), `${found?.ino} ${found?.mtimeNs} ${found?.ctimeNs}`]
  })
  return new Map(await Promise.all(looks))
}

/** Hex warns on the error stream (Mix.Shell.error), rebar3 and Gleam say the word. */
function warningsIn({ output, errorOutput }: ProgramResult): readonly string[] {
  const warned = output.split('\n').filter((line) => /^(===> )?warn(ing)?\b/i.test(line))
  return [...new Set([...errorOutput.split('\n'), ...warned])]
    .filter((line) => line.trim() !== '')
    .slice(0, mostWarnings)
}

const mostWarnings = 50
