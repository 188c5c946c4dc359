import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
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
  /** Where the SARIF goes: absolute. */
  readonly sarif: string
  readonly redact: (text: string) => string
  readonly titles: RuleTitles
}

/**
 * Writes the verdict as JSON and as SARIF, on the job's own disk only. A later run of the same job writes over them:
 * a workflow names them once.
 */
export async function writeVerdictFiles(
  verdict: Verdict,
  { temp, sarif: sarifFile, redact, titles }: VerdictFilesRequest
): Promise<VerdictFiles> {
  const files: VerdictFiles = { findings: join(temp, 'migration-guard-findings.json'), sarif: sarifFile }
  await write(files.findings, redact(findingsJson(verdict)))
  await write(files.sarif, redact(sarif(verdict, titles)))
  return files
}

/** Writes the SARIF alone, as a command at a terminal asks for it. */
export async function writeSarif(path: string, verdict: Verdict, titles: RuleTitles): Promise<void> {
  await write(path, sarif(verdict, titles))
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
