import { describe, expect, test } from '@jest/globals'
import { parseMultipart } from '../../../sandbox/pypi/multipart.ts'

const type = 'multipart/form-data; boundary=b'

function parsed(body: string, contentType = type): unknown {
  return parseMultipart(contentType, Buffer.from(body))?.map(({ content, ...part }) => ({
    ...part,
    content: content.toString()
  }))
}

describe('a form', () => {
  test('keeps every byte of a value, line ends and dashes included', () => {
    const value = '\n--b\r\n\rx\r\n--\u0000ä\n'
    expect(parsed(`--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${value}\r\n--b--\r\n`)).toEqual([
      { name: 'a', content: value }
    ])
  })

  test('may have a quoted boundary with odd characters', () => {
    const boundary = `x'()+_,-./:=? y`
    const body = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--`
    expect(parsed(body, `Multipart/Form-Data; charset=utf-8; boundary="${boundary}"`)).toEqual([
      { name: 'a', content: '1' }
    ])
  })

  test('names its files, with quotes and semicolons in the name', () => {
    const disposition = 'form-data; name="content"; filename="a;\\"b%22.whl"'
    expect(parsed(`--b\r\ncontent-disposition: ${disposition}\r\nContent-Type: x/y\r\n\r\n\r\n--b--\r\n`)).toEqual([
      { name: 'content', filename: 'a;"b".whl', type: 'x/y', content: '' }
    ])
  })

  test.each([
    ['of another type', 'a=b', 'application/x-www-form-urlencoded'],
    ['without a boundary', '--b--', 'multipart/form-data'],
    ['without its boundary in the body', 'nothing', type],
    ['that breaks off', '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nhalf', type],
    ['with a part without headers', '--b\r\nvalue\r\n--b--', type],
    ['with a part of another disposition', '--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--', type]
  ])('%s is none', (_name, body, contentType) => {
    expect(parsed(body, contentType)).toBeUndefined()
  })

  test('without parts is empty', () => {
    expect(parsed('--b--\r\n')).toEqual([])
  })
})
