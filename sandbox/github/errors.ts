import type { Answer } from './operation.ts'

/** Thrown by an operation to end it with an answer that is an error. Nothing may have been changed before. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`Refused with ${answer.status}`)
    this.name = 'Refusal'
    this.answer = answer
  }
}

/** One entry of `errors` in the body of a 422 (schema validation-error). */
export interface FieldError {
  readonly resource: 'Release' | 'ReleaseAsset' | 'Status' | 'DeploymentStatus' | 'IssueComment' | 'Label'
  readonly code: 'custom' | 'already_exists' | 'invalid' | 'missing_field'
  readonly field?: string
  readonly message?: string
}

export const restDocumentation = 'https://docs.github.com/rest'

/** A basic-error body. Since 2024 GitHub repeats the status in it, as a string. */
export function refuse(
  status: number,
  message: string,
  documentation = restDocumentation,
  headers?: Answer['headers']
): Refusal {
  const body = { message, documentation_url: documentation, status: String(status) }
  return new Refusal(headers === undefined ? { status, body } : { status, body, headers })
}

/** A validation-error body with the fields in the order GitHub puts them. */
export function refuseFields(errors: readonly FieldError[], documentation: string): Refusal {
  return new Refusal({
    status: 422,
    body: { message: 'Validation Failed', errors, documentation_url: documentation, status: '422' }
  })
}

/** A 422 whose `errors` are sentences (schema validation-error-simple), as reviews have it. */
export function unprocessable(reason: string, documentation: string): Refusal {
  return new Refusal({
    status: 422,
    body: { message: 'Unprocessable Entity', errors: [reason], documentation_url: documentation, status: '422' }
  })
}

/** What GitHub answers for everything that is absent, or hidden from this token. */
export function notFound(documentation?: string): Refusal {
  return refuse(404, 'Not Found', documentation)
}

export function badCredentials(): Refusal {
  return refuse(401, 'Bad credentials')
}

/** The request does not fit the operation's schema; seen as `Invalid request.` and the reason two lines below. */
export function invalidRequest(reason: string, documentation?: string): Refusal {
  return refuse(422, `Invalid request.\n\n${reason}`, documentation)
}

/**
 * Errors of the uploads host carry the request's id and a documentation address without the operation
 * (concourse/github-release-resource#151 shows a whole body). The service fills in `request_id`.
 */
export function refuseUpload(status: number, message: string, errors?: readonly FieldError[]): Refusal {
  return new Refusal({
    status,
    body: {
      message,
      request_id: '',
      documentation_url: restDocumentation,
      ...(errors === undefined ? {} : { errors })
    }
  })
}
