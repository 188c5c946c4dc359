import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { findingsJson } from './findings-json.ts'
import { sarif, type RuleTitles } from './sarif.ts'
import type { Verdict } from './verdict.ts'

/** Paths of the files that tell a verdict to programs. */
export interface VerdictFiles {
  readonly findings: string
  readonly sarif: string
}

export interface VerdictFilesRequest {
  /** The job's temporary folder. */
  readonly temp: string
  readonly workspace: string
  /** Where the SARIF goes, relative to the workspace; below `temp` where it is undefined. */
  readonly sarif: string | undefined
  readonly redact: (text: string) => string
  readonly titles: RuleTitles
}

/**
 * Writes the verdict as JSON and as SARIF, on the job's own disk only. A later run of the same job writes over them:
 * a workflow names them once.
 */
export async function writeVerdictFiles(
  verdict: Verdict,
  { temp, workspace, sarif: wanted, redact, titles }: VerdictFilesRequest
): Promise<VerdictFiles> {
  const folder = join(temp, 'release-actions')
  const files: VerdictFiles = {
    findings: join(folder, 'migration-guard-findings.json'),
    sarif: wanted === undefined ? join(folder, 'migration-guard.sarif') : resolve(workspace, wanted)
  }
  await write(files.findings, redact(findingsJson(verdict)))
  await write(files.sarif, redact(sarif(verdict, titles)))
  return files
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
