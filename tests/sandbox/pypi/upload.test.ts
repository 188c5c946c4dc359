import { describe, expect, test } from '@jest/globals'
import { blake2b } from '@noble/hashes/blake2.js'
import { sdist, wheel } from '../../support/distributions.ts'
import { basic, days, indexClient, now, refused, token } from './index-client.ts'

const invalidAuthentication =
  '403 Invalid or non-existent authentication information. See https://pypi.org/help/#invalid-auth for more information.'

function blake2(content: Buffer): string {
  return Buffer.from(blake2b(content, { dkLen: 32 })).toString('hex')
}

describe('an upload', () => {
  test('is stored and answered with 200 and an empty body', () => {
    const { index, upload } = indexClient()
    const file = wheel()
    expect(upload(file)).toMatchObject({ status: 200, body: '' })
    expect(index.releases('demo-pkg')).toMatchObject([
      { version: '1.0.0', files: [{ filename: file.filename, size: file.bytes.length, uploadedBy: 'maintainer' }] }
    ])
  })

  test('again with the same bytes is answered alike and stores nothing, at any age of the release', () => {
    const { index, upload } = indexClient()
    upload(wheel())
    const before = index.save()
    expect(upload(wheel(), { now: now + 100 * days })).toMatchObject({ status: 200, body: '' })
    expect(index.save()).toEqual(before)
  })

  test('with other bytes under the same name is refused with the hash of what was sent', () => {
    const { index, upload } = indexClient()
    upload(wheel())
    const before = index.save()
    const other = wheel({ files: { 'other.py': 'x = 1\n' } })
    expect(refused(upload(other))).toBe(
      `400 File already exists ('demo_pkg-1.0.0-py3-none-any.whl', with blake2_256 hash '${blake2(other.bytes)}'). See https://pypi.org/help/#file-name-reuse for more information.`
    )
    expect(index.save()).toEqual(before)
  })

  test('with the same bytes under another name is refused as well', () => {
    const { upload } = indexClient()
    upload(wheel())
    const renamed = { ...wheel(), filename: 'demo_pkg-1.0.0-py2.py3-none-any.whl' }
    expect(refused(upload(renamed))).toMatch(/^400 File already exists \('demo_pkg-1\.0\.0-py2\.py3-none-any\.whl'/)
  })

  test('under the name of a deleted file is refused', () => {
    const { index, upload } = indexClient()
    upload(wheel())
    index.deleteFile(wheel().filename)
    expect(refused(upload(wheel({ files: { 'other.py': 'x = 1\n' } })))).toBe(
      '400 This filename was previously used by a file that has since been deleted. Use a different version. See https://pypi.org/help/#file-name-reuse for more information.'
    )
  })

  test('to a release is open for fourteen days and not a second longer', () => {
    const { upload } = indexClient()
    upload(wheel())
    const linux = wheel({ tag: 'cp313-cp313-manylinux_2_28_x86_64' })
    const fields = { pyversion: 'cp313' }
    expect(refused(upload(linux, { fields, now: now + 14 * days + 1000 }))).toBe(
      '400 Uploading new files to releases older than 14 days is not allowed.'
    )
    expect(upload(linux, { fields, now: now + 14 * days }).status).toBe(200)
  })

  test('of a second sdist is refused', () => {
    const { upload } = indexClient()
    upload(sdist())
    const second = sdist({ filename: 'demo-pkg-1.0.0.tar.gz', files: { 'x.py': '' } })
    expect(refused(upload(second))).toBe('400 Only one sdist may be uploaded per release.')
  })

  test('of 1.0 and of 1.0.0 go to one release', () => {
    const { index, upload } = indexClient()
    upload(wheel())
    upload(sdist({ version: '1.0' }), { fields: { version: '1.0' } })
    expect(index.releases('demo-pkg')).toMatchObject([{ version: '1.0.0', files: [{}, {}] }])
  })

  test('keeps what the first file said of the release', () => {
    const { index, upload } = indexClient()
    upload(wheel(), { fields: { summary: 'first' } })
    upload(sdist(), { fields: { summary: 'second' } })
    expect(index.save().projects[0]?.releases[0]?.metadata.single.summary).toBe('first')
  })

  test('names the project as its metadata last did', () => {
    const { index, upload } = indexClient()
    upload(wheel())
    upload(sdist(), { fields: { name: 'Demo.Pkg' } })
    expect(index.projects()).toEqual(['Demo.Pkg'])
  })

  test('that is refused leaves no project and no release behind', () => {
    const { index, upload } = indexClient()
    expect(upload(wheel({ tag: 'cp313-cp313-linux_x86_64' })).status).toBe(400)
    expect(index.projects()).toEqual([])
  })
})

describe('the checks on an upload come in their order:', () => {
  test('read-only mode before everything', () => {
    const { index, upload } = indexClient()
    index.setSwitches({ readOnly: true, uploadsDisabled: true })
    const answer = upload(wheel(), { authorization: '' })
    expect(refused(answer)).toBe('403 Read-only mode: Uploads are temporarily disabled.')
  })

  test('uploads switched off', () => {
    const { index, upload } = indexClient()
    index.setSwitches({ uploadsDisabled: true })
    expect(refused(upload(wheel()))).toBe(
      '403 New uploads are temporarily disabled. See https://pypi.org/help/#admin-intervention for more information.'
    )
  })

  test('who it is before what it is', () => {
    const { upload } = indexClient()
    expect(refused(upload(wheel(), { authorization: '', fields: { name: undefined } }))).toBe(invalidAuthentication)
  })

  test('the form before the metadata', () => {
    const { upload } = indexClient()
    const fields = { filetype: 'bdist_egg', version: 'not a version' }
    expect(refused(upload(wheel(), { fields }))).toBe('400 Invalid value for filetype. Error: Use a known file type.')
  })

  test('the metadata before the missing file', () => {
    const { upload } = indexClient()
    expect(refused(upload(wheel(), { withoutFile: true, fields: { version: 'x' } }))).toMatch(/^400 'x' is invalid/)
    expect(refused(upload(wheel(), { withoutFile: true }))).toBe('400 Upload payload does not have a file.')
  })

  test('permission before the file', () => {
    const { index, upload } = indexClient()
    index.addFile(wheel().filename, wheel().bytes, { uploaded: now, owner: 'somebody-else' })
    expect(refused(upload({ filename: 'demo.exe', bytes: Buffer.from('MZ') }))).toMatch(/^403 The user 'maintainer'/)
  })

  test('the size before the digest, the digest before the duplicate', () => {
    const { index, upload } = indexClient()
    upload(wheel())
    const wrong = { fields: { sha256_digest: '0'.repeat(64) } }
    expect(refused(upload(wheel(), wrong))).toBe(
      '400 The digest supplied does not match a digest calculated from the uploaded file.'
    )
    index.setProject('demo-pkg', { fileSizeLimit: 100 })
    expect(refused(upload(wheel(), wrong))).toMatch(/^400 File too large\./)
  })

  test('the duplicate before the age, the age before the archive', () => {
    const { upload } = indexClient()
    upload(wheel())
    const late = { now: now + 15 * days }
    const broken = { filename: wheel().filename, bytes: Buffer.from('no zip') }
    expect(refused(upload(broken, late))).toMatch(/^400 File already exists/)
    const another = { filename: 'demo_pkg-1.0.0-1-py3-none-any.whl', bytes: Buffer.from('no zip') }
    expect(refused(upload(another, late))).toMatch(/^400 Uploading new files/)
    expect(refused(upload(another))).toBe('400 Invalid distribution file. File is not a zipfile')
  })
})

describe('authentication takes', () => {
  test.each([
    ['Basic with __token__', basic('__token__', token)],
    ['Basic with blanks around the token', basic('__token__', ` ${token}\n`)],
    ['Basic in any case', basic('__token__', token).replace('Basic', 'bAsIc')],
    ['Bearer', `Bearer ${token}`],
    ['token', `token ${token}`]
  ])('%s', (_name, authorization) => {
    expect(indexClient().upload(wheel(), { authorization }).status).toBe(200)
  })

  test.each([
    ['nothing', ''],
    ['a token that is none', basic('__token__', 'pypi-none')],
    ['another scheme', `Digest ${token}`],
    ['rubbish', 'Basic \u00ff'],
    ['blanks around a Bearer token', `Bearer  ${token} `]
  ])('not %s', (_name, authorization) => {
    expect(refused(indexClient().upload(wheel(), { authorization }))).toBe(invalidAuthentication)
  })

  test('no user name with a password, and says so in the reason phrase alone', () => {
    const { upload } = indexClient()
    const answer = upload(wheel(), { authorization: basic('me', 'secret'), accept: 'application/json' })
    const text =
      'Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted Publishers instead. See https://pypi.org/help/#apitoken and https://pypi.org/help/#trusted-publishers'
    expect(refused(answer)).toBe(`403 ${text}`)
    expect(JSON.parse(String(answer.body))).toEqual({
      message: 'Access was denied to this resource.\n\n\n\n\n',
      code: `403 ${text}`,
      title: 'Forbidden'
    })
  })
})

describe('a token', () => {
  test('for one project is refused for another, by the name as it is spelled there', () => {
    const { index, upload } = indexClient()
    index.addToken({ token: 'pypi-scoped', projects: ['other'] })
    upload(wheel())
    expect(refused(upload(sdist(), { authorization: basic('__token__', 'pypi-scoped') }))).toBe(
      "403 Invalid API Token: project-scoped token is not valid for project: 'demo-pkg'"
    )
  })

  test('for the project takes any spelling of its name', () => {
    const { index, upload } = indexClient()
    index.addToken({ token: 'pypi-scoped', projects: ['Demo_Pkg'] })
    upload(wheel())
    expect(upload(sdist(), { authorization: basic('__token__', 'pypi-scoped') }).status).toBe(200)
  })

  test('is expired from the second it expires in', () => {
    const { index, upload } = indexClient()
    index.addToken({ token: 'pypi-brief', expires: now + 1000 })
    const authorization = basic('__token__', 'pypi-brief')
    expect(refused(upload(wheel(), { authorization, now: now + 1000 }))).toBe('403 Invalid API Token: token is expired')
    expect(upload(wheel(), { authorization, now: now + 999 }).status).toBe(200)
  })

  test('of another user may not upload to the project', () => {
    const { index, upload } = indexClient()
    index.addToken({ token: 'pypi-other', user: 'mallory' })
    upload(wheel())
    expect(refused(upload(sdist(), { authorization: basic('__token__', 'pypi-other') }))).toBe(
      "403 The user 'mallory' isn't allowed to upload to project 'demo-pkg'. See https://pypi.org/help/#project-name for more information."
    )
  })

  test.each(['archived', 'quarantined'] as const)('may not upload to a project that is %s', (status) => {
    const { index, upload } = indexClient()
    upload(wheel())
    index.setProject('demo-pkg', { status })
    expect(refused(upload(sdist()))).toMatch(/^403 The user 'maintainer' isn't allowed to upload to project 'demo-pkg'/)
  })
})

describe('a new project', () => {
  const named = (name: string): { readonly fields: Record<string, string> } => ({ fields: { name } })

  test('is refused a name of the standard library', () => {
    expect(refused(indexClient().upload(wheel({ name: 'urllib' }), named('urllib')))).toBe(
      "400 The name 'urllib' isn't allowed (conflict with Python Standard Library module name). See https://pypi.org/help/#project-name for more information."
    )
  })

  test('is refused a name that looks like an existing one', () => {
    const { upload } = indexClient()
    upload(wheel({ name: 'colorful' }), named('colorful'))
    expect(refused(upload(wheel({ name: 'c0l0rfu1' }), named('c0l0rfu1')))).toBe(
      "400 The name 'c0l0rfu1' is too similar to an existing project. See https://pypi.org/help/#project-name for more information."
    )
  })
})

describe('size limits', () => {
  test('are told in whole megabytes, with the page that says how to raise them', () => {
    const { index, upload } = indexClient()
    upload(wheel())
    index.setProject('demo-pkg', { fileSizeLimit: 0 })
    expect(refused(upload(sdist()))).toBe(
      "400 File too large. Limit for project 'demo-pkg' is 0 MB. See https://docs.pypi.org/project-management/storage-limits#requesting-a-file-size-limit-increase for more information."
    )
  })

  test('hold for the project as a whole', () => {
    const { index, upload } = indexClient()
    upload(wheel())
    index.setProject('demo-pkg', { totalSizeLimit: wheel().bytes.length + sdist().bytes.length - 1 })
    expect(refused(upload(sdist()))).toMatch(
      /^400 Project size too large\. Limit for project 'demo-pkg' total size is 0 GB\./
    )
    index.setProject('demo-pkg', { totalSizeLimit: wheel().bytes.length + sdist().bytes.length })
    expect(upload(sdist()).status).toBe(200)
  })

  test('are 100 MB a file unless raised', () => {
    const { upload } = indexClient()
    const big = { filename: 'demo_pkg-1.0.0.tar.gz', bytes: Buffer.alloc(100 * 1024 ** 2 + 1) }
    expect(refused(upload(big))).toMatch(/^400 File too large\. Limit for project 'demo-pkg' is 100 MB\./)
  })
})

describe('a refusal', () => {
  const text = "Invalid value for pyversion. Error: Use 'source' as Python version for an sdist."

  test('is JSON for a client that prefers JSON', () => {
    const answer = indexClient().upload(sdist(), {
      fields: { pyversion: 'py3' },
      accept: 'application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7'
    })
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json' })
    expect(JSON.parse(String(answer.body))).toEqual({
      message: `The server could not comply with the request since it is either malformed or otherwise incorrect.\n\n\n${text}\n\n`,
      code: `400 ${text}`,
      title: 'Bad Request'
    })
  })

  test('is HTML for one that takes anything', () => {
    const answer = indexClient().upload(sdist(), { fields: { pyversion: 'py3' } })
    expect(answer.headers).toMatchObject({ 'content-type': 'text/html; charset=UTF-8' })
    expect(answer.body).toContain(`<title>400 ${text}</title>`)
    expect(answer.body).toContain('Error: Use &#39;source&#39; as Python version')
  })

  test('is text for one that takes neither', () => {
    const answer = indexClient().upload(sdist(), { fields: { pyversion: 'py3' }, accept: 'text/plain' })
    expect(answer.body).toMatch(/^400 Invalid value for pyversion/)
  })

  test('keeps its reason phrase on one line and within Latin-1', () => {
    const answer = indexClient().upload(wheel(), { fields: { name: 'démo→pkg' } })
    expect(answer.statusText).toMatch(/^'démo\?pkg' is an invalid value for Name\./)
    const several = indexClient().upload(wheel(), { fields: { provides_dist: 'demo ==' } })
    expect(several.statusText).not.toMatch(/[\r\n]/)
  })

  test('speaks of TestPyPI on TestPyPI', () => {
    expect(refused(indexClient('testpypi').upload(wheel(), { authorization: '' }))).toContain(
      'See https://test.pypi.org/help/#invalid-auth'
    )
  })

  test('sends a client without the slash to the right place', () => {
    const answer = indexClient().upload(wheel(), { path: '/legacy' })
    expect(refused(answer)).toBe(
      '308 An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)'
    )
    expect(answer.headers).toMatchObject({ location: 'https://upload.pypi.org/legacy/' })
  })
})

describe('attestations', () => {
  test('are refused with an API token', () => {
    expect(refused(indexClient().upload(wheel(), { fields: { attestations: '[]' } }))).toBe(
      '400 Invalid attestations supplied during upload: Attestations are only supported when using Trusted Publishing'
    )
  })
})
