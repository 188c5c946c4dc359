import type { Problem } from '../shared/problem.ts'
import { shownField } from './metadata-field.ts'

/**
 * A fault in one field of a distribution's metadata: `Requires-Python is …`.
 * @param what continues the sentence that the field's name begins
 */
export function metadataProblem(file: string, field: string, what: string, hint: string): Problem {
  return { code: `metadata-${field}`, message: `${shownField(field)} ${what}.`, hint, file }
}
