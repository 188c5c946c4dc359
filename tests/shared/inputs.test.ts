import { expect, test } from '@jest/globals'
import { createInputReader } from '../../actions/shared/inputs.ts'
import { code, text } from '../../actions/shared/summary.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'

function reader(env: Record<string, string>, masks: string[] = []): ReturnType<typeof createInputReader> {
  return createInputReader(
    env,
    createSecrets((value) => {
      masks.push(value)
    })
  )
}

test('an empty input is one that was not given', () => {
  expect(reader({ 'INPUT_TAG-PREFIX': '  ' }).text('tag-prefix')).toBeUndefined()
})

test('lines are trimmed and empty ones dropped, whatever the line ends', () => {
  expect(reader({ INPUT_ASSETS: ' a \r\n\n b\n' }).lines('assets')).toEqual(['a', 'b'])
})

test.each([
  ['true', true],
  ['True', true],
  ['FALSE', false]
])('%s is the flag %s', (value, expected) => {
  expect(reader({ INPUT_X: value }).flag('x', !expected)).toBe(expected)
})

test.each(['yes', '1', 'tru', 'on'])('%s is no boolean, and the problem shows it', (value) => {
  const inputs = reader({ 'INPUT_DRY-RUN': value })
  inputs.flag('dry-run', false)
  expect(inputs.problems).toMatchObject([
    { code: 'input-not-boolean', message: expect.stringContaining(`"${value}"`) as unknown as string }
  ])
})

test('a choice outside the list names the list', () => {
  const inputs = reader({ INPUT_MODE: 'publsh' })
  expect(inputs.choice('mode', ['publish', 'docs'], 'publish')).toBe('publish')
  expect(inputs.problems[0]).toMatchObject({ hint: 'Write one of: publish, docs.' })
})

test('a secret is masked whole, by line, and in the forms it is sent in', () => {
  const masks: string[] = []
  reader({ INPUT_TOKEN: 'pypi-a/b "c"\nsecond line' }, masks).secret('token')
  expect(masks).toEqual(
    expect.arrayContaining([
      'pypi-a/b "c"\nsecond line',
      'pypi-a/b "c"',
      'second line',
      Buffer.from('second line').toString('base64'),
      'pypi-a%2Fb%20%22c%22',
      'pypi-a/b \\"c\\"'
    ])
  )
})

test('redaction leaves no rest of a secret that contains another', () => {
  const secrets = createSecrets(() => undefined)
  secrets.add('abcdef')
  secrets.add('abcdefghij')
  expect(secrets.redact('x abcdefghij y abcdef')).toBe('x *** y ***')
})

test.each(['pypi-AgEI_secret_token*x', 'a|b~c#d$e@f!', 'back`tick`s here', '<angle> & co'])(
  'secret %j is found in a summary too, where its characters are escaped',
  (value) => {
    const secrets = createSecrets(() => undefined)
    secrets.add(value)
    const shown = secrets.redact(`${text(`before ${value} after`).markdown} ${code(value).markdown}`)
    expect(shown).toMatch(/^before \*\*\* after `+ ?\*\*\* ?`+$/)
  }
)

test('a secret too short to be hidden is refused, and not shown', () => {
  const inputs = reader({ INPUT_PASSWORD: 'k9!' })
  inputs.secret('password')
  expect(inputs.problems).toMatchObject([{ code: 'secret-too-short' }])
  expect(JSON.stringify(inputs.problems)).not.toContain('k9!')
})
