import { describe, expect, test } from '@jest/globals'
import type { HttpResponse } from '../../actions/shared/http.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'
import { knownIndexes } from '../../actions/pypi-publish/package-index.ts'
import { isExpired, isTaken, serverWords, uploadProblem } from '../../actions/pypi-publish/upload-answer.ts'

function answer(status: number, body: string, statusText = ''): HttpResponse {
  return { status, statusText, headers: {}, body: Buffer.from(body), url: new URL('https://upload.pypi.org/legacy/') }
}

/** As PyPI words a refusal for a client that prefers JSON. */
function refusal(status: number, text: string): HttpResponse {
  return answer(
    status,
    JSON.stringify({ message: `…\n\n\n${text}\n\n`, code: `${status} ${text}`, title: 'Bad Request' })
  )
}

const plain = (text: string): string => text

describe('the words of a server', () => {
  test.each([
    ['PyPI’s JSON', refusal(400, "File already exists ('f')."), "File already exists ('f')."],
    ['problem details (RFC 9457)', answer(400, '{"title":"Bad","detail":"No such project"}'), 'No such project'],
    [
      'an HTML page',
      answer(502, '<html><head><title>502 Bad Gateway</title></head></html>', 'Bad Gateway'),
      'Bad Gateway'
    ],
    [
      'a long reason phrase',
      answer(409, '', 'demo-1.0.tar.gz already exists in non-volatile index'),
      'demo-1.0.tar.gz already exists in non-volatile index'
    ],
    [
      'text with angle brackets',
      answer(400, 'Author <nobody> is no address', 'Bad Request'),
      'Author <nobody> is no address'
    ],
    ['plain text over several lines', answer(400, 'no\n  such  thing\n'), 'no such thing']
  ])('are found in %s', (_where, response, words) => {
    expect(serverWords(response, plain)).toBe(words)
  })
})

describe('a secret in the words of a server', () => {
  const secret = 'first-half second  half-of-a-long-secret'
  const secrets = createSecrets(() => undefined)
  secrets.add(secret)
  const redact = (text: string): string => secrets.redact(text)

  test.each([
    ['cut off at the end of what is shown', answer(400, `${'x'.repeat(480)} ${secret}`)],
    ['with white space that is collapsed', answer(400, `no: ${secret}`)],
    [
      'escaped in JSON',
      answer(400, JSON.stringify({ detail: `${'x'.repeat(480)} ${secret}` }).replace('first', '\\u0066irst'))
    ],
    ['in the reason phrase', answer(400, '', `no entry for ${secret}`)],
    ['in a title', answer(400, `<html><title>${secret}</title></html>`)]
  ])('is taken out whole: %s', (_where, response) => {
    expect(serverWords(response, redact)).not.toMatch(/first-half|half-of-a/)
  })
})

test('a refusal of trusted publishing shows what the job presented', () => {
  const options = { redact: plain, presented: ['repository: octo-org/demo', 'environment: none'] }
  for (const [status, text] of [
    [403, "The user 'x' isn't allowed to upload to project 'y'."],
    [400, 'Non-user identities cannot create new projects.']
  ] as const) {
    const problem = uploadProblem('demo.whl', knownIndexes.pypi, refusal(status, text), 'dist/demo.whl', options)
    expect(problem.message).toContain('This job presented repository: octo-org/demo, environment: none.')
    expect(problem.hint).toContain('publisher')
  }
  const other = uploadProblem('demo.whl', knownIndexes.pypi, refusal(400, 'File too large.'), 'dist/demo.whl', options)
  expect(other.message).not.toContain('presented')
})

test('an outage is no refusal, and its status is said once', () => {
  const page = answer(503, '<html><head><title>503 Service Unavailable</title></head></html>')
  const { code, message } = uploadProblem('demo.whl', knownIndexes.pypi, page, 'dist/demo.whl', { redact: plain })
  expect([code, message]).toEqual(['upload-outage', 'PyPI could not take demo.whl (status 503): Service Unavailable'])
})

// The texts are those of pypi/warehouse, in the order of its checks.
test.each([
  [403, 'Read-only mode: Any write operations will have no effect', 'upload-read-only'],
  [403, 'New uploads are temporarily disabled. See https://pypi.org/help/#admin-intervention', 'upload-read-only'],
  [
    403,
    'Invalid or non-existent authentication information. See https://pypi.org/help/#invalid-auth',
    'upload-token-refused'
  ],
  [
    403,
    'Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted Publishers',
    'upload-password-refused'
  ],
  [
    400,
    "'2.0' is not a valid metadata version. See https://packaging.python.org/specifications/core-metadata",
    'upload-metadata'
  ],
  [
    400,
    "'Nope :: x' is not a valid classifier. See https://packaging.python.org/specifications/core-metadata",
    'upload-classifier'
  ],
  [400, 'Non-user identities cannot create new projects. This was probably caused by', 'upload-wrong-project'],
  [400, "The name 'os' isn't allowed (conflict with Python standard library module name).", 'upload-name-taken'],
  [429, 'Too many new projects created', 'upload-rate-limit'],
  [403, "The user 'x' isn't allowed to upload to project 'y'.", 'upload-not-allowed'],
  [403, "The given token isn't allowed to upload to project 'y'.", 'upload-not-allowed'],
  [403, 'Invalid API Token: token is expired', 'upload-token-expired'],
  [403, "Invalid API Token: project-scoped token is not valid for project: 'y'", 'upload-not-allowed'],
  [
    403,
    "User 'x', associated with the API token used, does not have a verified primary email address.",
    'upload-account'
  ],
  [
    403,
    "User 'x', associated with the API token used, does not have two-factor authentication enabled.",
    'upload-account'
  ],
  [400, 'Organization account owning this project is inactive.', 'upload-organization'],
  [400, "The description failed to render for 'text/x-rst'.", 'upload-description'],
  [400, "File too large. Limit for project 'y' is 100 MB.", 'upload-file-size'],
  [400, "Project size too large. Limit for project 'y' total size is 10 GB.", 'upload-project-size'],
  [400, 'The digest supplied does not match a digest calculated from the uploaded file.', 'upload-digest'],
  [400, "File already exists ('f', with blake2_256 hash 'ab').", 'upload-exists'],
  [400, 'This filename was previously used by a file that has since been deleted.', 'upload-name-used'],
  [400, 'Uploading new files to releases older than 14 days is not allowed.', 'release-closed'],
  [400, 'Only one sdist may be uploaded per release.', 'several-sdists'],
  [400, 'Invalid distribution file. ZIP archive not accepted: Trailing data.', 'upload-archive'],
  [400, "Filename 'x' is invalid, should be 'y'.", 'upload-archive'],
  [400, "Binary wheel 'x' has an unsupported platform tag 'linux_x86_64'.", 'upload-archive'],
  [400, 'Invalid attestations supplied during upload: …', 'upload-attestations'],
  [401, 'Unauthorized', 'upload-unauthorized'],
  [403, 'Not enough words', 'upload-forbidden'],
  [404, 'Not Found', 'upload-url'],
  [405, 'Method Not Allowed', 'upload-url'],
  [409, 'Conflict', 'upload-exists'],
  [413, 'Request Entity Too Large', 'upload-file-size'],
  [503, 'first byte timeout', 'upload-outage'],
  [418, 'teapot', 'upload-refused']
])('%i "%s" is told as %s', (status, text, code) => {
  const problem = uploadProblem('demo.whl', knownIndexes.pypi, refusal(status, text), 'dist/demo.whl', {
    redact: plain
  })
  expect(problem).toMatchObject({ code, file: 'dist/demo.whl' })
  expect(problem.message).toContain(text)
  expect(problem.message).not.toContain('This job presented')
  expect(problem.hint).not.toBe('')
})

test('an expired token is told from other refusals', () => {
  expect(isExpired(refusal(403, 'Invalid API Token: token is expired'))).toBe(true)
  expect(isExpired(refusal(403, 'Invalid API Token: not valid for project'))).toBe(false)
})

test.each([
  [409, ''],
  [400, 'has already been taken'],
  [400, 'Repository does not allow updating assets: pypi'],
  [403, 'Not enough permissions to delete/overwrite artifact']
])('%i "%s" may mean that the file is there', (status, text) => {
  expect(isTaken(answer(status, text))).toBe(true)
})
