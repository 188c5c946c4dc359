import { createHash } from 'node:crypto'
import { UploadRefused } from './answers.ts'

/** PEP 740: what PyPI takes, at most one of each. */
const predicateTypes = ['https://docs.pypi.org/attestations/publish/v1', 'https://slsa.dev/provenance/v1']

/**
 * The form of an uploaded attestation set, and that it speaks of this file. Signatures, certificates and log entries are
 * not verified (departures.ts).
 *
 * @param field the JSON array of the form
 * @throws UploadRefused
 */
export function checkAttestations(field: string, filename: string, content: Buffer): void {
  const refuse = (text: string): UploadRefused =>
    new UploadRefused(400, `Invalid attestations supplied during upload: ${text}`)
  const attestations = parse(field)
  if (attestations === undefined) throw refuse('Malformed attestations: no JSON array of attestation objects')
  if (attestations.length === 0) throw refuse('Malformed attestations: an empty attestation set is not permitted')
  if (attestations.length > predicateTypes.length)
    throw refuse(`A maximum of ${predicateTypes.length} attestations per file are supported`)
  const seen = new Set<string>()
  for (const attestation of attestations) {
    const statement = statementOf(attestation)
    if (statement === undefined) throw refuse('Malformed attestations: not an attestation object of version 1')
    const subjects = list(statement['subject'])
    const subject = subjects.length === 1 ? object(subjects[0]) : undefined
    const unverified = 'Could not verify the uploaded artifact using the included attestation'
    if (subject === undefined) throw refuse(`${unverified}: too many subjects in statement (must be exactly one)`)
    if (subject['name'] !== filename)
      throw refuse(`${unverified}: subject does not match distribution name: ${String(subject['name'])} != ${filename}`)
    const digest = createHash('sha256').update(content).digest('hex')
    if (object(subject['digest'])?.['sha256'] !== digest)
      throw refuse(`${unverified}: subject does not match distribution digest`)
    const type = String(statement['predicateType'])
    if (!predicateTypes.includes(type)) throw refuse(`Attestation with unsupported predicate type: ${type}`)
    if (seen.has(type))
      throw refuse(`Multiple attestations for the same file with the same predicate type (${type}) are not supported`)
    seen.add(type)
  }
}

/** The DSSE statement inside, when the object has every member that PEP 740 demands. */
function statementOf(attestation: unknown): Record<string, unknown> | undefined {
  const outer = object(attestation)
  const material = object(outer?.['verification_material'])
  const envelope = object(outer?.['envelope'])
  const entries = material?.['transparency_entries']
  if (outer?.['version'] !== 1 || typeof material?.['certificate'] !== 'string') return undefined
  if (!Array.isArray(entries) || entries.length === 0 || typeof envelope?.['signature'] !== 'string') return undefined
  const { statement } = envelope
  if (typeof statement !== 'string') return undefined
  return object(parse(Buffer.from(statement, 'base64').toString('utf8'), 'any'))
}

function parse(text: string): readonly unknown[] | undefined
function parse(text: string, kind: 'any'): unknown
function parse(text: string, kind?: 'any'): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return kind === 'any' || Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function object(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
