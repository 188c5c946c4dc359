import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { sdist, wheel } from '../../support/distributions.ts'
import { indexClient, refused, type UploadOptions } from './index-client.ts'

function wheelWith(fields: UploadOptions['fields'] & object): string {
  return refused(indexClient().upload(wheel(), { fields }))
}

function sdistWith(fields: UploadOptions['fields'] & object): string {
  return refused(indexClient().upload(sdist(), { fields }))
}

const taken = '200 '
const seeMetadata = 'See https://packaging.python.org/specifications/core-metadata for more information.'

describe('the form', () => {
  test('needs a name', () => {
    expect(wheelWith({ name: undefined })).toBe(
      `400 '' is an invalid value for Name. Error: This field is required. ${seeMetadata}`
    )
  })

  test('shows a bad name, shortened in the middle', () => {
    const name = `-${'a'.repeat(40)}${'b'.repeat(40)}-`
    expect(wheelWith({ name })).toBe(
      `400 '${name.slice(0, 30)}...${name.slice(-30)}' is an invalid value for Name. Error: Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'. ${seeMetadata}`
    )
  })

  test.each([
    ['filetype', undefined, 'This field is required.'],
    ['filetype', 'bdist_wininst', 'Use a known file type.'],
    ['sha256_digest', 'abc', 'Use a valid, hex-encoded, SHA256 message digest.'],
    ['blake2_256_digest', 'abc', 'Use a valid, hex-encoded, BLAKE2 message digest.'],
    ['pyversion', '', 'Python version is required for binary distribution uploads.']
  ])('refuses %s as %p', (field, value, error) => {
    expect(wheelWith({ [field]: value })).toBe(`400 Invalid value for ${field}. Error: ${error}`)
  })

  test('wants "source" for the Python version of an sdist, or nothing', () => {
    expect(sdistWith({ pyversion: 'py3' })).toBe(
      "400 Invalid value for pyversion. Error: Use 'source' as Python version for an sdist."
    )
    expect(sdistWith({ pyversion: undefined })).toBe(taken)
    expect(sdistWith({ pyversion: '' })).toBe(taken)
  })

  test('needs a digest, and any of the three will do', () => {
    expect(wheelWith({ sha256_digest: undefined })).toBe('400 Error: Include at least one message digest.')
    const md5 = createHash('md5').update(wheel().bytes).digest('hex')
    expect(wheelWith({ sha256_digest: undefined, md5_digest: md5.toUpperCase() })).toBe(taken)
  })

  test('checks every digest that is given', () => {
    expect(wheelWith({ md5_digest: '0'.repeat(32) })).toBe(
      '400 The digest supplied does not match a digest calculated from the uploaded file.'
    )
  })

  test('takes one protocol version', () => {
    expect(wheelWith({ protocol_version: '2' })).toBe('400 Unknown protocol version.')
    expect(wheelWith({ protocol_version: undefined })).toBe(taken)
  })

  test('takes a value UNKNOWN for none', () => {
    expect(wheelWith({ license: ' UNKNOWN ', home_page: 'UNKNOWN' })).toBe(taken)
    expect(wheelWith({ name: 'UNKNOWN' })).toMatch(/^400 '' is an invalid value for Name/)
  })

  test('passes over fields that it does not know', () => {
    expect(wheelWith({ provides_extras: 'x', anything: 'y' })).toBe(taken)
  })

  test('needs no Content-Type for the file, but takes no empty one and no image', () => {
    const { upload } = indexClient()
    expect(upload(wheel(), { type: null }).status).toBe(200)
    expect(refused(upload(sdist(), { type: '' }))).toBe('400 Invalid distribution file.')
    expect(refused(upload(sdist(), { type: 'image/png' }))).toBe('400 Invalid distribution file.')
  })

  test('takes a file name only on the file', () => {
    const { index } = indexClient()
    const body = '--x\r\nContent-Disposition: form-data; name="license"; filename="LICENSE"\r\n\r\nMIT\r\n--x--\r\n'
    const answer = index.handle({
      method: 'POST',
      url: new URL('https://upload.pypi.org/legacy/'),
      headers: {
        authorization: `Bearer pypi-AgEIcHlwaS5vcmcCdGVzdA`,
        'content-type': 'multipart/form-data; boundary=x'
      },
      now: 0,
      body: Buffer.from(body)
    })
    expect(answer === undefined ? '' : refused(answer)).toBe('400 license: Should not be a tuple.')
  })
})
