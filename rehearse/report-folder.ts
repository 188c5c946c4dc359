import { join } from 'node:path'
import type { Outcome } from './outcome.ts'
import { writeReport } from './report.ts'

/** A report, and the runs that it tells of. */
export interface WrittenReport {
  readonly outcomes: readonly Outcome[]
  readonly page: string
  readonly markdown: string
}

/**
 * Writes the reports of a rehearsal. The runs that a repository lists are one story and have one report, those of a pull
 * request and of what goes first have one each: the last of them is in the folder itself, the others in `first-1` ….
 */
export function writeReports(outcomes: readonly Outcome[], folder: string): readonly WrittenReport[] {
  const listed = outcomes.filter((outcome) => outcome.listed)
  const alone = outcomes.filter((outcome) => !outcome.listed).map((outcome) => [outcome])
  const groups = listed.length === 0 ? alone : [...alone, listed]
  return groups.map((group, index) => {
    const last = index === groups.length - 1
    return { outcomes: group, ...writeReport(group, last ? folder : join(folder, `first-${index + 1}`)) }
  })
}
