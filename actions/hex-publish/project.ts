import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../shared/problem.ts'
import { readMixProject } from './mix-project.ts'

export type BuildTool = 'mix' | 'rebar3' | 'gleam'

/** A folder that a package is built from. */
export interface Project {
  /** Absolute. */
  readonly folder: string
  /** As the user wrote it. */
  readonly shown: string
  /** Absent: a problem says why. */
  readonly tool: BuildTool | undefined
  readonly umbrella: boolean
  /** What mix.exs says under `package: [organization: …]`, or `not checked`; the other tools have no such setting. */
  readonly organization: string | undefined
  readonly problems: readonly Problem[]
}

/** The file that makes a folder a project of the tool. */
export const projectFiles: Readonly<Record<BuildTool, string>> = {
  mix: 'mix.exs',
  rebar3: 'rebar.config',
  gleam: 'gleam.toml'
}

/**
 * Looks at a project without running anything of it.
 *
 * @param folder absolute
 * @param shown as the user wrote it
 * @param wanted the tool that builds it where several could
 */
export function readProject(folder: string, shown: string, wanted: BuildTool | 'auto' = 'auto'): Project {
  const found = tools.filter((tool) => isFile(join(folder, projectFiles[tool])))
  const candidates = wanted === 'auto' ? found : found.filter((tool) => tool === wanted)
  const [tool, ...others] = candidates
  const none = { folder, shown, tool: undefined, umbrella: false, organization: undefined }
  if (tool === undefined) return { ...none, problems: [missing(shown, wanted, found)] }
  if (others.length > 0) return { ...none, problems: [unclear(shown, candidates)] }
  const { umbrella, organization } = readers[tool](folder)
  return { folder, shown, tool, umbrella, organization, problems: umbrella ? [umbrellaProblem(shown, tool)] : [] }
}

const tools: readonly BuildTool[] = ['mix', 'rebar3', 'gleam']

const readers: Readonly<Record<BuildTool, (folder: string) => Pick<Project, 'umbrella' | 'organization'>>> = {
  mix: (folder) => readMixProject(readFileSync(join(folder, projectFiles.mix), 'utf8')),
  // rebar3 takes src/ or apps/*/ and lib/*/ (rebar_dir:project_app_dirs); its hex plugin wants one application named.
  rebar3: (folder) => ({
    umbrella: globSync('{apps,lib}/*/src/*.{app.src,app.src.script}', { cwd: folder }).length > 1,
    organization: undefined
  }),
  gleam: () => ({ umbrella: false, organization: undefined })
}

/** A folder in a sentence. */
export function placeOf(shown: string): string {
  return shown === '.' ? 'the workspace' : shown
}

function missing(shown: string, wanted: BuildTool | 'auto', found: readonly BuildTool[]): Problem {
  const files = (wanted === 'auto' ? tools : [wanted]).map((tool) => projectFiles[tool])
  const others = found.map((tool) => projectFiles[tool]).join(' and ')
  return {
    code: 'project-missing',
    message: `There is no ${files.join(', no ')} in ${placeOf(shown)}${others === '' ? '' : `, only ${others}`}.`,
    hint:
      others === ''
        ? 'Check out the repository first, and name the folder of the package in path; or give a ready package in tarball.'
        : 'Leave build-tool out, or name the tool that builds this package.'
  }
}

function unclear(shown: string, candidates: readonly BuildTool[]): Problem {
  return {
    code: 'build-tool-unclear',
    message: `What is in ${placeOf(shown)} can be built by ${candidates.join(' and by ')}.`,
    hint: `Say which: build-tool: ${candidates.join(' or ')}.`
  }
}

/** Also for what only mix itself can see: `apps_path` that is computed. */
export function umbrellaProblem(shown: string, tool: BuildTool): Problem {
  return {
    code: 'umbrella-project',
    message: `What is in ${placeOf(shown)} is an umbrella: several applications, and Hex takes one package at a time.`,
    hint:
      tool === 'mix'
        ? `Name the folder of one application in path: ${shown === '.' ? '' : `${shown}/`}apps/NAME. What it needs of the others must be published first.`
        : 'Build one application in an earlier step, `rebar3 hex build package --app NAME`, and give the file in tarball.',
    file: `${shown === '.' ? '' : `${shown}/`}${projectFiles[tool]}`
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    // Not there, a link in a circle, or behind a folder that cannot be entered.
    return false
  }
}
