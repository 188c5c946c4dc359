import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { fail } from '../shared/problem.ts'
import type { ProgramResult } from '../shared/program.ts'
import type { World } from '../shared/world.ts'
import { buildFailure, lastLines } from './build-failure.ts'
import { placeOf, type BuildTool, type Project } from './project.ts'
import { rebarDocs } from './rebar-config.ts'
import { runTool, toolOf } from './run-tool.ts'
import type { Toolchain } from './toolchain.ts'

export type BuiltDocs =
  | {
      /** Absolute. */
      readonly folder: string
      readonly shown: string
    }
  /** The project has no task for it; the reason goes on from "there is no documentation: ". */
  | { readonly skipped: string }

/**
 * Builds the documentation with the project's own tool, which gets neither key nor input.
 *
 * @throws {ActionError} when there is a task and it fails: that is no reason to publish without
 */
export async function buildDocs(
  project: Project,
  toolchain: Pick<Toolchain, 'env'>,
  world: Pick<World, 'log' | 'secrets'>
): Promise<BuiltDocs> {
  const docs = recipes[toolOf(project)](project)
  if ('skipped' in docs) return docs
  const result = await runTool(project, docs.args, toolchain, world)
  const command = [project.tool, ...docs.args].join(' ')
  if (docs.without?.pattern.test(result.output) === true && result.exitCode !== 0) return { skipped: docs.without.why }
  if (result.exitCode !== 0) return fail(buildFailure(project, command, result, 'docs-failed'))
  const candidates = docs.folders(result)
  const name = candidates.find((folder) => isFolder(resolve(project.folder, folder)))
  if (name === undefined) {
    return fail({
      code: 'docs-failed',
      message: `${command} in ${placeOf(project.shown)} ended well, and left no folder ${candidates.join(' or ')}.`,
      hint: `Name the folder that it writes to in docs-folder.${lastLines(result.output)}`
    })
  }
  return {
    folder: resolve(project.folder, name),
    shown: project.shown === '.' || isAbsolute(name) ? name : `${project.shown}/${name}`
  }
}

interface Recipe {
  readonly args: readonly string[]
  /** What the tool says where it has no such task. */
  readonly without?: { readonly pattern: RegExp; readonly why: string }
  /** Where the pages may be, in the project's folder, the likeliest first. */
  readonly folders: (result: ProgramResult) => readonly string[]
}

const recipes: Readonly<Record<BuildTool, (project: Project) => Recipe | { readonly skipped: string }>> = {
  mix: () => ({
    args: ['docs'],
    without: {
      pattern: /The task "docs" could not be found/,
      why: 'mix has no task docs here (ex_doc is not among the dependencies, or not in this MIX_ENV)'
    },
    // ExDoc tells where it wrote to; else what Hex's own client takes (lib/mix/tasks/hex.publish.ex, docs_dir).
    folders: ({ output }) => [
      ...[...output.matchAll(/^View .*"([^"]+)[/\\]index\.html"/gm)].map(([, folder]) => folder ?? ''),
      'doc',
      'docs'
    ]
  }),
  rebar3: ({ folder }) => {
    const docs = rebarDocs(readFileSync(join(folder, 'rebar.config'), 'utf8'))
    return docs === undefined
      ? { skipped: 'rebar.config names no documentation provider, {hex, [{doc, #{provider => ex_doc}}]}' }
      : { args: [docs.provider], folders: () => [docs.folder] }
  },
  gleam: ({ folder }) => {
    const name = /^name\s*=\s*"([a-z0-9_]+)"/m.exec(readFileSync(join(folder, 'gleam.toml'), 'utf8'))?.[1]
    // compiler-core/src/paths.rs, build_documentation_directory
    return { args: ['docs', 'build'], folders: () => [`build/dev/docs/${name ?? ''}`] }
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // Not there, a link in a circle, or behind a folder that cannot be entered.
    return false
  }
}
