// Adds up what jest wrote with --json and prints it as the last line: `N passed, N failed`. A suite that could not
// start counts as one failure; a result that is not there is a failure too.
import { existsSync, readFileSync } from 'node:fs'

interface JestResults {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numRuntimeErrorTestSuites: number
}

function read(path: string): JestResults {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as JestResults
  console.log(`no results: ${path}`)
  return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numRuntimeErrorTestSuites: 0 }
}

const results = process.argv.slice(2).map(read)
const sum = (pick: (result: JestResults) => number): number =>
  results.reduce((total, result) => total + pick(result), 0)
const failed = sum((result) => result.numFailedTests + result.numRuntimeErrorTestSuites)
const skipped = sum((result) => result.numPendingTests)
console.log(
  `${sum((result) => result.numPassedTests)} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
)
process.exitCode = failed === 0 ? 0 : 1
