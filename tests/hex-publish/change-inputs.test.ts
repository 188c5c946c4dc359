import { describe, expect, test } from '@jest/globals'
import { readInputs, type Inputs } from '../../actions/hex-publish/change/inputs.ts'
import { createInputReader } from '../../actions/shared/inputs.ts'
import { readRunContext } from '../../actions/shared/run-context.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'

interface Reading extends Inputs {
  readonly codes: readonly string[]
  readonly masks: readonly string[]
}

/** As a step of a run on the main branch, or of one that a tag started. */
function read(inputs: Readonly<Record<string, string>>, ref = 'refs/heads/main'): Reading {
  const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  const env = { GITHUB_REF: ref, ...(Object.fromEntries(given) as Record<string, string>) }
  const masks: string[] = []
  const secrets = createSecrets((value) => {
    masks.push(value)
  })
  const reader = createInputReader(env, secrets)
  const read = readInputs(reader, readRunContext(env))
  return { ...read, codes: reader.problems.map(({ code }) => code), masks }
}

const retire = { mode: 'retire', reason: 'security' }

describe('which release it is', () => {
  test('the inputs package and version say it, and no tag is needed then', () => {
    const { subject, codes, tag } = read({ ...retire, package: 'diwa_schema', version: '0.1.0' })
    expect(codes).toEqual([])
    expect(subject).toMatchObject({ package: { name: 'diwa_schema' }, version: '0.1.0' })
    expect(tag).toBe(undefined)
  })

  test('without them, the tag says it', () => {
    const { subject, tag } = read(retire, 'refs/tags/diwa_schema-v0.1.0-rc.1')
    expect(subject).toMatchObject({ package: { name: 'diwa_schema' }, version: '0.1.0-rc.1' })
    expect(tag).toBe('diwa_schema-v0.1.0-rc.1')
  })

  test('the inputs are stronger than the tag', () => {
    const { subject } = read({ ...retire, package: 'other', version: '0.0.9' }, 'refs/tags/diwa_schema-v0.1.0')
    expect(subject).toMatchObject({ package: { name: 'other' }, version: '0.0.9' })
  })

  test('a package of an organization keeps its organization', () => {
    const { subject } = read({ ...retire, package: 'diwa_schema', version: '0.1.0', organization: 'acme' })
    expect(subject?.package).toEqual({ name: 'diwa_schema', organization: 'acme' })
  })

  test.each([
    [{ package: 'diwa_schema' }, 'refs/heads/main', 'tag-missing'],
    [{ version: '0.1.0' }, 'refs/heads/main', 'package-missing'],
    [{}, 'refs/tags/v0.1.0', 'package-missing'],
    [{}, 'refs/tags/Diwa.Schema-v0.1.0', 'package-missing'],
    [{ package: 'Diwa', version: '0.1.0' }, 'refs/heads/main', 'package-name'],
    [{ package: 'diwa_schema/../x', version: '0.1.0' }, 'refs/heads/main', 'package-name'],
    [{ package: 'diwa_schema', version: 'v0.1.0' }, 'refs/heads/main', 'version-not-hex'],
    [{ package: 'diwa_schema', version: '0.1' }, 'refs/heads/main', 'version-not-hex'],
    [{ package: 'diwa_schema' }, 'refs/tags/v1.2.3.4', 'tag-no-hex-version'],
    [{ package: 'diwa_schema', version: '0.1.0', organization: 'hexpm' }, 'refs/heads/main', 'organization-name'],
    [{ package: 'diwa_schema', version: '0.1.0', organization: '../x' }, 'refs/heads/main', 'organization-name']
  ])('%j on %s is told as such', (inputs, ref, code) => {
    expect(read({ ...retire, ...inputs }, ref).codes).toEqual([code])
  })
})

describe('what becomes of it', () => {
  const release = { package: 'diwa_schema', version: '0.1.0' }

  test('a retirement has a reason, and a message where one is given', () => {
    expect(read({ ...release, mode: 'retire', reason: 'invalid' }).subject?.change).toEqual({
      mode: 'retire',
      retirement: { reason: 'invalid' }
    })
    expect(read({ ...release, mode: 'retire', reason: 'invalid', message: ' use 0.1.1 ' }).subject?.change).toEqual({
      mode: 'retire',
      retirement: { reason: 'invalid', message: 'use 0.1.1' }
    })
  })

  test('a retirement without a reason is not given one', () => {
    expect(read({ ...release, mode: 'retire' }).codes).toEqual(['retire-reason-missing'])
  })

  test('a reason that Hex does not have is told', () => {
    expect(read({ ...release, mode: 'retire', reason: 'bad' }).codes).toEqual(['input-not-a-choice'])
  })

  test.each([
    ['no', ['hex-retirement']],
    ['yes', []],
    ['x'.repeat(140), []],
    // One character to a reader, and to Hex: a flag of two code points and four UTF-16 units.
    ['🇸🇪'.repeat(140), []],
    ['x'.repeat(141), ['hex-retirement']]
  ])('the message %j gives %j', (message, codes) => {
    expect(read({ ...release, mode: 'retire', reason: 'other', message }).codes).toEqual(codes)
  })

  test('unretire and revert need no reason', () => {
    expect(read({ ...release, mode: 'unretire' })).toMatchObject({
      codes: [],
      subject: { change: { mode: 'unretire' } }
    })
    expect(read({ ...release, mode: 'revert', confirm: '0.1.0' })).toMatchObject({
      codes: [],
      subject: { change: { mode: 'revert', confirm: '0.1.0' } }
    })
  })
})

describe('the key', () => {
  const release = { mode: 'unretire', package: 'diwa_schema', version: '0.1.0' }

  test('is masked, even where another input is wrong', () => {
    const { masks } = read({ mode: 'unretire', 'api-key': 'f48ac236bca15c3271e077c15c5320c4' })
    expect(masks).toContain('f48ac236bca15c3271e077c15c5320c4')
  })

  test('is refused by its form where no key has it', () => {
    expect(read({ ...release, 'api-key': '"f48ac236bca15c3271e077c15c5320c4"' }).codes).toEqual(['hex-key-form'])
  })
})
