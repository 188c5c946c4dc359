import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorCode } from '../shared/http-failure.ts'
import type { Problem } from '../shared/problem.ts'
import { findingsJson } from './findings-json.ts'
import { sarif, type RuleTitles } from './sarif.ts'
import type { Verdict } from './verdict.ts'

/** Paths of the files that tell a verdict to programs; undefined for one that could not be written. */
export interface VerdictFiles {
  readonly findings: string | undefined
  readonly sarif: string | undefined
  /** One for each that could not be: the verdict stands all the same, and is told elsewhere. */
  readonly problems: readonly Problem[]
}

export interface VerdictFilesRequest {
  /** The job's temporary folder. */
  readonly temp: string
  /** Where the SARIF goes: absolute. */
  readonly sarif: string
  readonly redact: (text: string) => string
  readonly titles: RuleTitles
}

/**
 * Writes the verdict as JSON and as SARIF, on the job's own disk only. Never throws for a file that cannot be written.
 * A later run of the same job writes over them: a workflow names them once.
 */
export async function writeVerdictFiles(
  verdict: Verdict,
  { temp, sarif: sarifFile, redact, titles }: VerdictFilesRequest
): Promise<VerdictFiles> {
  const findingsFile = join(temp, 'migration-guard-findings.json')
  const [findings, report] = [
    await write(findingsFile, redact(findingsJson(verdict)), 'The folder that RUNNER_TEMP names must be writable.'),
    await write(
      sarifFile,
      redact(sarif(verdict, titles)),
      'Give input `sarif` the path of a file that may be written, or leave it out.'
    )
  ]
  return {
    findings: findings === undefined ? findingsFile : undefined,
    sarif: report === undefined ? sarifFile : undefined,
    problems: [findings, report].filter((problem) => problem !== undefined)
  }
}

/** Writes the SARIF alone, as a command at a terminal asks for it. Gives what kept it from it. */
export async function writeSarif(path: string, verdict: Verdict, titles: RuleTitles): Promise<Problem | undefined> {
  return write(path, sarif(verdict, titles), 'Give --sarif the path of a file that may be written.')
}

async function write(path: string, text: string, hint: string): Promise<Problem | undefined> {
  try {
    await makeFolder(dirname(path))
    await writeFile(path, text)
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { code: 'verdict-not-written', message: `${path} could not be written: ${why}.`, hint }
  }
}

/**
 * As `mkdir` with `recursive`, one folder at a time: that one never ends where a file system says ENOENT of a folder
 * whose parent is there, as /proc does.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return
    const parent = dirname(path)
    if (errorCode(error) !== 'ENOENT' || parent === path || (await isFolder(parent))) throw error
    await makeFolder(parent)
    await mkdir(path)
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
