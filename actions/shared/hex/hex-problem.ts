import { HttpFailure } from '../http-failure.ts'
import type { Problem } from '../problem.ts'
import { isObject, type JsonObject } from './hex-answers.ts'
import type { HexAnswer } from './hex-api.ts'
import { refusals, validations, type Refusal } from './hex-refusals.ts'

/**
 * What an answer that does not fit means, as an instruction.
 * @param what what was asked, such as `GET /packages/NAME`
 */
export function hexProblem(answer: HexAnswer | HttpFailure, what: string): Problem {
  const [first, ...others] = hexProblems(answer, what)
  if (first === undefined) throw new Error(`nothing is wrong with the answer to ${what}`)
  if (others.length === 0) return first
  return { ...first, message: [first, ...others].map(({ message }) => message).join('; ') }
}

/** As `hexProblem`, with one problem for each thing that Hex found wrong (422 can name several). */
export function hexProblems(answer: HexAnswer | HttpFailure, what: string): readonly Problem[] {
  if (answer instanceof HttpFailure) return answer.problems
  if (answer.status >= 200 && answer.status < 300) return [answerProblem(answer, what)]
  const found = faults(answer)
  if (answer.status !== 422 || found.length === 0) return [refusalProblem(answer, what, refusals, serverWords(answer))]
  return found.map(({ field, text }) => refusalProblem(answer, what, validations, `${field} ${text}`))
}

/** The answer has a good status, and is not what the API gives. */
export function answerProblem(answer: HexAnswer, what: string): Problem {
  const { response } = answer
  const type = response.headers['content-type'] ?? 'no content type'
  const came =
    response.body.length === 0
      ? 'an empty body'
      : answer.body === undefined
        ? `${type}, which is no JSON: ${quoted(answer)}`
        : `JSON without what is documented: ${quoted(answer)}`
  return {
    code: 'hex-answer',
    message: `${response.url.host} answered ${answer.status} to ${what} with ${came}`,
    hint: 'A proxy or sign-in page may stand between this runner and hex.pm: let the host pass. Otherwise see status.hex.pm and run the job again later: what is done is not done twice.'
  }
}

function refusalProblem(answer: HexAnswer, what: string, table: readonly Refusal[], words: string): Problem {
  const { response, status } = answer
  const known = table.find(
    (each) =>
      (each.status === undefined || each.status.includes(status)) &&
      (each.words === undefined || each.words.test(words)) &&
      (each.header === undefined || each.header.test(response.headers['www-authenticate'] ?? ''))
  )
  const said = shown(answer, words)
  return {
    code: known?.code ?? (status >= 500 ? 'hex-outage' : 'hex-unexpected'),
    message: `${response.url.host} answered ${status} to ${what}${said === '' ? '' : `: ${said}`}${renewal(answer)}`,
    hint: known?.hint ?? (status >= 500 ? outageHint : unexpectedHint)
  }
}

const outageHint =
  'This is a fault on Hex’s side: see status.hex.pm. Run the job again later: what is done is not done twice.'
const unexpectedHint =
  'The words are Hex’s. Mend what they name; if they name nothing, run the job again with debug logging (RUNNER_DEBUG=1).'

/** Hex's own words: the message; without JSON the beginning of what came. */
function serverWords(answer: HexAnswer): string {
  const message = isObject(answer.body) ? answer.body['message'] : undefined
  if (typeof message === 'string') return message
  return answer.response.body.length === 0 || answer.body !== undefined ? '' : quoted(answer)
}

/** What Hex found wrong with a request: `errors` is a tree of fields (hexpm, `translate_errors`). */
export function faults(answer: HexAnswer): readonly { readonly field: string; readonly text: string }[] {
  const errors = isObject(answer.body) ? answer.body['errors'] : undefined
  if (typeof errors === 'string') return [{ field: 'errors', text: errors }]
  return isObject(errors) ? leaves(errors, [], 0).slice(0, mostFaults) : []
}

/** More than Hex ever names; the rest of a hostile answer is not told. */
const mostFaults = 50
const deepestFault = 8

function leaves(errors: JsonObject, path: readonly string[], depth: number): { field: string; text: string }[] {
  if (depth === deepestFault) return []
  return Object.entries(errors).flatMap(([key, value]) => {
    const here = [...path, key]
    const field = here.join('.')
    if (typeof value === 'string') return [{ field, text: value }]
    if (Array.isArray(value)) return [{ field, text: value.filter((each) => typeof each === 'string').join(', ') }]
    return isObject(value) ? leaves(value, here, depth + 1) : []
  })
}

/** Longest quotation of an answer. Characters. */
const longestWords = 300

/** What is looked at of a body that is quoted. It is cut after the key was taken out, which else could be cut in two. Bytes. */
const longestRead = 65_536

function shown(answer: HexAnswer, words: string): string {
  const plain = answer
    .redact(words)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
  return plain.length > longestWords ? `${plain.slice(0, longestWords)}…` : plain
}

function quoted(answer: HexAnswer): string {
  return JSON.stringify(shown(answer, answer.response.body.subarray(0, longestRead).toString('utf8')))
}

/** `; the limit is renewed at …`, where a 429 says when. */
function renewal({ status, response }: HexAnswer): string {
  if (status !== 429) return ''
  const reset = new Date(Number(response.headers['x-ratelimit-reset'] ?? Number.NaN) * 1000)
  return Number.isNaN(reset.getTime()) ? '' : `; the limit is renewed at ${reset.toISOString()}`
}
