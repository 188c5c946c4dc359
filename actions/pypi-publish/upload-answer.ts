import { json, type HttpResponse } from '../shared/http.ts'
import type { Problem } from '../shared/problem.ts'
import { isWarehouse, type PackageIndex } from './package-index.ts'

/** Takes secrets out of a text. */
type Redact = (text: string) => string

/**
 * What a server said to an upload, in its words: PyPI's JSON has them in `code` (`"400 File already exists…"`), others
 * in the reason phrase, the title of a page, or the body.
 * @param redact is used on the whole texts, before they are shortened: a part of a secret would not be recognised
 */
export function serverWords(answer: HttpResponse, redact: Redact): string {
  return tidy(words(answer, redact)).replace(new RegExp(`^${answer.status}\\b[\\s:]*`), '')
}

function words(answer: HttpResponse, redact: Redact): string {
  const body = json(answer)
  if (typeof body === 'object' && body !== null) {
    const fields = body as Readonly<Record<string, unknown>>
    for (const name of ['code', 'detail', 'message', 'error', 'title']) {
      const value = fields[name]
      if (typeof value === 'string' && value.trim() !== '') return redact(value)
    }
  }
  const reason = redact(answer.statusText)
  // A reason phrase beyond the standard one is the server's own (Warehouse, devpi).
  if (answer.statusText.length > 30) return reason
  const text = redact(answer.body.toString('utf8'))
  if (text.trim() === '') return reason
  if (!/<(?:!doctype|html|head|body)\b/i.test(text)) return text
  return /<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? reason
}

function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 500)
}

/** For comparisons, which nobody sees. */
function unseen(answer: HttpResponse): string {
  return serverWords(answer, (text) => text)
}

/** The index says that this token has run out; only minted ones can be renewed. */
export function isExpired(answer: HttpResponse): boolean {
  return answer.status === 403 && /expired/i.test(unseen(answer))
}

/** Servers have many words for "this name is taken"; the index tells whether by the same bytes. */
export function isTaken(answer: HttpResponse): boolean {
  if (answer.status === 409) return true
  return (
    (answer.status === 400 || answer.status === 403) &&
    /already exist|already been taken|updating asset|cannot be updated|overwrite artifact/i.test(unseen(answer))
  )
}

/** Refusals that are about who uploads. */
const aboutIdentity = new Set([
  'upload-token-refused',
  'upload-not-allowed',
  'upload-wrong-project',
  'upload-forbidden',
  'upload-unauthorized'
])

/** Codes of problems after which nobody can say whether the file was stored. */
export const openOutcomes: ReadonlySet<string> = new Set([
  'upload-outage',
  'upload-unsettled',
  'http-reset',
  'http-timeout'
])

/**
 * One refused upload as a problem.
 * @param file how the problem names it
 * @param options.redact takes secrets out of the server's words
 * @param options.presented the claims that trusted publishing presented; absent with any other credentials
 */
export function uploadProblem(
  filename: string,
  index: PackageIndex,
  answer: HttpResponse,
  file: string,
  options: { readonly redact: Redact; readonly presented?: readonly string[] | undefined }
): Problem {
  const said = serverWords(answer, options.redact)
  const known = refusals.find(
    ({ status, words: pattern }) => status.includes(answer.status) && (pattern === undefined || pattern.test(said))
  )
  const did = known?.code === 'upload-outage' ? 'could not take' : 'refused'
  const problem: Problem = {
    code: known?.code ?? 'upload-refused',
    message: `${index.label} ${did} ${filename} (status ${answer.status}): ${said === '' ? 'no words' : said}`,
    hint: known?.hint ?? 'The message is the server’s. Mend what it names and run the job again.',
    file
  }
  if (options.presented === undefined || !aboutIdentity.has(problem.code)) return problem
  return {
    ...problem,
    message: `${problem.message.replace(/\.?$/, '.')} This job presented ${options.presented.join(', ')}.`,
    hint: `The publisher that matches these claims must belong to the very project of the metadata, and the project must be open. A pending publisher must have the project’s exact name. Compare them in the project’s publishing settings.`
  }
}

/**
 * The server says that the name is taken, and the index does not show our bytes under it.
 * @param found what the index shows
 */
export function existsProblem(
  { filename, sha256 }: { readonly filename: string; readonly sha256: string },
  index: PackageIndex,
  answer: HttpResponse,
  found: 'different' | 'absent' | 'unknown',
  file: string,
  redact: Redact
): Problem {
  const said = `${index.label} answered ${answer.status} to ${filename}: ${serverWords(answer, redact) || 'no words'}`
  if (found === 'different') {
    return {
      code: 'upload-exists',
      message: `${said.replace(/\.?$/, '.')} It shows the file with other bytes than sha256 ${sha256}.`,
      hint: 'A file on an index cannot be replaced. Release a new version.',
      file
    }
  }
  // PyPI compares for itself, and refuses only what differs.
  if (isWarehouse(index)) return uploadProblem(filename, index, answer, file, { redact })
  const why = found === 'absent' ? 'does not show the file' : 'cannot be read, or shows no hash of the file'
  return {
    code: 'upload-unsettled',
    message: `${said.replace(/\.?$/, '.')} ${index.simpleUrl} ${why}, so it is not known whether the bytes are the same.`,
    hint: 'Run the job again: it reads the index anew, and a file with the same bytes is left alone. If it stays so, look at the index for a deleted or hidden file of this name.',
    file
  }
}

interface Refusal {
  readonly code: string
  readonly status: readonly number[]
  /** In the server's words; absent: the status alone tells. */
  readonly words?: RegExp
  readonly hint: string
}

/** Refusals of pypi/warehouse (`forklift/legacy.py`) in the order of its checks, then what other servers say. */
const refusals: readonly Refusal[] = [
  {
    code: 'upload-read-only',
    status: [403, 503],
    words: /read-only mode|temporarily disabled/i,
    hint: 'The index takes no uploads for now. See status.python.org and run the job again later.'
  },
  {
    code: 'upload-token-refused',
    status: [403],
    words: /invalid or non-existent authentication/i,
    hint: 'The token is wrong, revoked, or of the other site: PyPI and TestPyPI have separate accounts and tokens. Make a new one, or use trusted publishing.'
  },
  {
    code: 'upload-password-refused',
    status: [403],
    words: /username\/password authentication/i,
    hint: 'Give an API token, or use trusted publishing.'
  },
  {
    code: 'upload-token-expired',
    status: [403],
    words: /expired/i,
    hint: 'Make a new API token. Tokens of trusted publishing are renewed by themselves; run the job again.'
  },
  {
    code: 'upload-wrong-project',
    status: [400],
    words: /non-user identities cannot create new projects/i,
    hint: 'The pending publisher names another project than the metadata do. Make the two names equal; the publisher’s is now an empty project.'
  },
  {
    code: 'upload-not-allowed',
    status: [403],
    words: /isn't allowed to upload|given token isn't allowed|not valid for project|invalid api token/i,
    hint: 'The token is for another project, its user is no maintainer of this one, or the project is archived. Give the token this project as its scope, or add the user.'
  },
  {
    code: 'upload-account',
    status: [403],
    words: /verified primary email|two-factor/i,
    hint: 'The token’s owner must verify a mail address and switch on two-factor authentication on the index.'
  },
  {
    code: 'upload-organization',
    status: [400],
    words: /organization account/i,
    hint: 'The organization that owns the project is inactive. Its owners must settle that with PyPI.'
  },
  {
    code: 'upload-name-taken',
    status: [400, 409],
    words: /too similar|isn't allowed \(|conflict with|standard library|prohibited|the name '/i,
    hint: 'The project cannot have this name. Choose another in pyproject.toml; pypi.org/help/#project-name has the rules.'
  },
  {
    code: 'upload-rate-limit',
    status: [429],
    hint: 'Too many requests or new projects. Wait an hour and run the job again; what was uploaded stays.'
  },
  {
    code: 'upload-description',
    status: [400],
    words: /description failed to render/i,
    hint: 'Run `twine check dist/*`, which shows the line. If the readme is Markdown, set readme = "README.md" so that its type is declared.'
  },
  {
    code: 'upload-classifier',
    status: [400],
    words: /classifier/i,
    hint: 'Take the classifier from pypi.org/classifiers; private ones begin with "Private ::" and are refused on purpose.'
  },
  {
    code: 'upload-file-size',
    status: [400],
    words: /file too large/i,
    hint: 'Make the file smaller, or ask for a higher limit: docs.pypi.org/project-management/storage-limits.'
  },
  {
    code: 'upload-project-size',
    status: [400],
    words: /project size too large/i,
    hint: 'Delete old pre-releases, or ask for a higher limit: docs.pypi.org/project-management/storage-limits.'
  },
  {
    code: 'upload-digest',
    status: [400],
    words: /digest supplied does not match/i,
    hint: 'The file changed on its way. Check that nothing writes into the folder, and run the job again.'
  },
  {
    code: 'upload-exists',
    status: [400],
    words: /already exist|already been taken/i,
    hint: 'A file of this name, or the same bytes under another name, is there. It cannot be replaced: release a new version.'
  },
  {
    code: 'upload-name-used',
    status: [400],
    words: /previously used by a file that has since been deleted/i,
    hint: 'Names of deleted files are never free again. Release a new version.'
  },
  {
    code: 'release-closed',
    status: [400],
    words: /releases older than/i,
    hint: 'A release takes new files for 14 days. Release a new version.'
  },
  {
    code: 'several-sdists',
    status: [400],
    words: /only one sdist/i,
    hint: 'The release has an sdist already. Take this one out of the folder, or release a new version.'
  },
  {
    code: 'upload-archive',
    status: [400],
    words:
      /invalid distribution file|invalid file extension|unsupported platform tag|filename|does not contain the required|does not exist in distribution/i,
    hint: 'PyPI’s rules for files have grown. Build with current tools; docs.pypi.org/archives has the rules.'
  },
  {
    code: 'upload-attestations',
    status: [400],
    words: /attestations/i,
    hint: 'Attestations go with trusted publishing only.'
  },
  {
    code: 'upload-metadata',
    status: [400],
    words: /core-metadata|is an invalid value|invalid value for|metadata/i,
    hint: 'Correct the field in pyproject.toml and build again. Fields are explained at packaging.python.org/specifications/core-metadata.'
  },
  {
    code: 'upload-exists',
    status: [409],
    hint: 'A file of this name is there, or was, and this index does not replace files. Release a new version.'
  },
  {
    code: 'upload-file-size',
    status: [413],
    hint: 'The server, or a proxy before it, takes no files of this size. Make the file smaller, or raise the limit there.'
  },
  {
    code: 'upload-unauthorized',
    status: [401],
    hint: 'Check user and password, and that the secret exists for this repository, environment and event.'
  },
  {
    code: 'upload-forbidden',
    status: [403],
    hint: 'These credentials may not upload there. Check their scope, and that the upload URL is right.'
  },
  {
    code: 'upload-url',
    status: [404, 405],
    hint: 'Nothing takes uploads at this URL. Check the input index: it is the URL that twine takes as --repository-url.'
  },
  {
    code: 'upload-outage',
    status: [408, 425, 500, 502, 503, 504],
    hint: 'The index is in trouble, and several tries did not help. Run the job again later: files that are there are left alone.'
  }
]
