import type { HexPackage } from '../../shared/hex/hex-api.ts'
import { isHexPackageName } from '../../shared/hex/package-name.ts'
import type { InputReader } from '../../shared/inputs.ts'
import type { CommonInputs } from '../../shared/phases.ts'
import type { ReleaseTag } from '../../shared/release-tag.ts'
import { pushedTag, type RunContext } from '../../shared/run-context.ts'
import { readReleaseTag } from '../../shared/tag-input.ts'
import { readMode } from '../mode.ts'
import { checkKeyForm } from '../credentials.ts'
import { checkRetirementMessage, retirementReasons, type Retirement } from '../release-change.ts'
import { hexVersionOf, readOrganization, readPackageName, readReleasedVersion } from '../release-input.ts'

/** What becomes of a release that is out. */
export type Change =
  | { readonly mode: 'retire'; readonly retirement: Retirement }
  | { readonly mode: 'unretire' }
  /** `confirm`: the version once more, as the user wrote it. */
  | { readonly mode: 'revert'; readonly confirm: string | undefined }

/** The release that is changed. */
export interface Subject {
  readonly package: HexPackage
  readonly version: string
  readonly change: Change
}

export interface Inputs extends CommonInputs {
  /** Absent only when an input was rejected; the run ends then before anything else. */
  readonly subject: Subject | undefined
  readonly apiKey: string | undefined
}

/** Reads and checks the inputs of the modes retire, unretire and revert. */
export function readInputs(reader: InputReader, context: RunContext): Inputs {
  const dryRun = reader.flag('dry-run', false)
  const apiKey = reader.secret('api-key')
  for (const problem of apiKey === undefined ? [] : checkKeyForm(apiKey)) reader.reject(problem)
  const { tag, version } = readVersion(reader, context)
  const name = readName(reader, tag)
  const organization = readOrganization(reader)
  const change = readChange(reader)
  return {
    tag: tag?.raw,
    dryRun,
    apiKey,
    subject:
      name === undefined || version === undefined
        ? undefined
        : { package: { name, ...(organization === undefined ? {} : { organization }) }, version, change }
  }
}

interface Versioned {
  readonly tag: ReleaseTag | undefined
  readonly version: string | undefined
}

/** The version that `version` says, else the tag's. With `version`, no tag is needed. */
function readVersion(reader: InputReader, context: RunContext): Versioned {
  const given = reader.text('version') !== undefined
  const tagged = reader.text('tag') !== undefined || pushedTag(context) !== undefined
  const tag = tagged || !given ? readReleaseTag(reader, context) : undefined
  return { tag, version: given ? readReleasedVersion(reader) : tag && hexVersionOf(reader, tag) }
}

/** The package that `package` says, else the one that the tag names (`diwa_schema-v0.1.0`). */
function readName(reader: InputReader, tag: ReleaseTag | undefined): string | undefined {
  if (reader.text('package') !== undefined) return readPackageName(reader)
  const named = tag?.package
  if (named !== undefined && isHexPackageName(named)) return named
  reader.reject({
    code: 'package-missing',
    message: `Input package is missing${named === undefined ? '' : `, and "${named}", which the tag names, is no name of a package on Hex`}.`,
    hint: 'Set `package` to the name of the package on Hex whose release is to be changed.'
  })
  return undefined
}

function readChange(reader: InputReader): Change {
  const mode = readMode(reader)
  if (mode === 'unretire') return { mode }
  if (mode === 'revert') return { mode, confirm: reader.text('confirm') }
  return { mode: 'retire', retirement: readRetirement(reader) }
}

function readRetirement(reader: InputReader): Retirement {
  const given = reader.text('reason') !== undefined
  const reason = reader.choice('reason', retirementReasons, 'other')
  if (!given) {
    reader.reject({
      code: 'retire-reason-missing',
      message: 'Input reason is missing: Hex shows it to everybody who uses the release.',
      hint: `Set \`reason\` to one of: ${retirementReasons.join(', ')}.`
    })
  }
  const message = reader.text('message')
  for (const problem of message === undefined ? [] : checkRetirementMessage(message)) reader.reject(problem)
  return { reason, ...(message === undefined ? {} : { message }) }
}
