import type { InputReader } from '../shared/inputs.ts'
import type { CommonInputs } from '../shared/phases.ts'
import type { ReleaseTag } from '../shared/release-tag.ts'
import { pushedTag, type RunContext } from '../shared/run-context.ts'
import { readReleaseTag } from '../shared/tag-input.ts'

/** Where the release is made, and with which right. */
export interface Connection {
  readonly apiUrl: string
  readonly graphqlUrl: string
  readonly serverUrl: string
  /** `owner/name` */
  readonly repository: string
  readonly token: string
}

/** What is released. */
export interface Destination extends Connection {
  readonly tag: ReleaseTag
  /** The commit of the run, where this tag started it: the tag must be there and nowhere else. */
  readonly pushedCommit: string | undefined
  /** The commit of the run, whatever started it. */
  readonly runCommit: string | undefined
}

export interface Inputs extends CommonInputs {
  readonly workspace: string
  /** Relative to the workspace, as the user wrote it. */
  readonly changelog: string
  readonly title: string | undefined
  /** Globs. */
  readonly assets: readonly string[]
  /** `auto`: by the tag's channel. */
  readonly prerelease: boolean | 'auto'
  /** `auto`: only where no published release of the same tags has a higher version. */
  readonly makeLatest: 'auto' | 'true' | 'false' | 'legacy'
  readonly draft: boolean
  /** Absent only when an input was rejected; the run ends then before anything else. */
  readonly destination: Destination | undefined
}

/** Reads and checks the inputs. */
export function readInputs(reader: InputReader, context: RunContext): Inputs {
  const tag = readReleaseTag(reader, context)
  const connection = readConnection(reader, context)
  const prerelease = { auto: 'auto', true: true, false: false } as const
  const inputs = {
    tag: tag?.raw,
    dryRun: reader.flag('dry-run', false),
    workspace: context.workspace,
    changelog: reader.text('changelog') ?? 'CHANGELOG.md',
    title: reader.text('title'),
    assets: reader.lines('assets'),
    prerelease: prerelease[reader.choice('prerelease', ['auto', 'true', 'false'], 'auto')],
    makeLatest: reader.choice('make-latest', ['auto', 'true', 'false', 'legacy'], 'auto'),
    draft: reader.flag('draft', false)
  }
  if (inputs.makeLatest === 'true' && (inputs.prerelease === true || inputs.draft)) {
    reader.reject({
      code: 'latest-not-released',
      message: `A ${inputs.draft ? 'draft' : 'prerelease'} cannot be the latest release, and make-latest is true.`,
      hint: 'Leave make-latest out, or set it to false.'
    })
  }
  if (tag === undefined || connection === undefined) return { ...inputs, destination: undefined }
  const pushedCommit = pushedTag(context) === tag.raw ? context.sha : undefined
  return { ...inputs, destination: { ...connection, tag, pushedCommit, runCommit: context.sha } }
}

function readConnection(reader: InputReader, context: RunContext): Connection | undefined {
  const token = reader.secret('github-token')
  const { repository, apiUrl, graphqlUrl, serverUrl } = context
  if (token === undefined) {
    reader.reject({
      code: 'github-token-missing',
      message: 'Input github-token is empty.',
      hint: 'Leave github-token out to use the job’s own token, or check the name of the secret it is set from: an unknown secret is empty.'
    })
  }
  if (repository === undefined || !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    reader.reject({
      code: 'repository-unknown',
      message: `GITHUB_REPOSITORY is ${JSON.stringify(repository ?? '')}, which names no repository.`,
      hint: 'Run this as a step of a GitHub Actions job; the runner sets the variable to owner/name.'
    })
    return undefined
  }
  return token === undefined ? undefined : { apiUrl, graphqlUrl, serverUrl, repository, token }
}
