import { describe, expect, test } from '@jest/globals'
import { inventSecrets, keepSecrets, secretNames } from '../../rehearse/secrets.ts'

describe('secrets of a workflow', () => {
  test('are those that its expressions name', () => {
    const text = `
# secrets.IN_A_REMARK
if: secrets.IN_A_CONDITION != ''
run: echo "\${{ secrets.PYPI_TOKEN }}" "\${{ secrets['quoted-name'] }}" \${{ format('{0}', secrets.lower) }}
env: {T: "\${{ secrets.GITHUB_TOKEN }}"}`
    expect(secretNames([text])).toEqual(['IN_A_CONDITION', 'LOWER', 'PYPI_TOKEN', 'QUOTED-NAME'])
  })

  test.each([
    ['PYPI_API_TOKEN', 'pypi', /^pypi-AgEIcHlwaS5vcmc/],
    ['TEST_PYPI_TOKEN', 'testpypi', /^pypi-AgENdGVzdC5weXBpLm9yZw/],
    ['TWINE_USERNAME', 'nothing', /^__token__$/],
    ['GH_PAT', 'github', /^ghp_\w{36}$/],
    ['NPM_TOKEN', 'nothing', /^npm_/],
    ['SOMETHING', 'nothing', /^rehearsed-something-/]
  ])('%s opens %s', (name, opens, shape) => {
    const [secret] = inventSecrets([name], new Map())
    expect(secret).toMatchObject({ name, opens, given: false })
    expect(secret?.value).toMatch(shape)
  })

  test('with a database in their names lead to the one that the rehearsal has', () => {
    const database = { address: (name: string) => `postgresql://127.0.0.1/${name}` }
    const given = new Map([['OTHER_DATABASE_URL', 'postgresql://db.example.org/other']])
    const names = ['DATABASE_URL', 'DIRECT_DATABASE_URL', 'OTHER_DATABASE_URL', 'BACKUP_PASSPHRASE']
    const secrets = inventSecrets(names, given, database)
    expect(secrets.map(({ name, opens }) => `${name} ${opens}`)).toEqual([
      'DATABASE_URL database',
      'DIRECT_DATABASE_URL database',
      'OTHER_DATABASE_URL nothing',
      'BACKUP_PASSPHRASE nothing'
    ])
    expect(secrets[1]?.value).toBe('postgresql://127.0.0.1/DIRECT_DATABASE_URL')
    expect(secrets[2]?.value).toBe('postgresql://db.example.org/other')
  })

  test('open a webhook of Slack, made up or given', () => {
    const address = 'https://hooks.slack.com/services/T1/B2/c3'
    const given = new Map([['SLACK_URL', address]])
    expect(inventSecrets(['SLACK_WEBHOOK_URL', 'SLACK_URL'], given)).toMatchObject([
      { opens: 'slack', value: expect.stringMatching(/^https:\/\/hooks\.slack\.com\/services\/T\w+\/B\w+\/\w{24}$/) },
      { opens: 'slack', value: address }
    ])
    expect(inventSecrets([], new Map([['SLACK_URL', 'https://example.org/x']]))).toMatchObject([{ opens: 'nothing' }])
  })

  test('stay the same from run to run of a repository, but for those that are given', () => {
    const kept = new Map<string, string>()
    const of = (repository: string, given = new Map<string, string>()): string | undefined =>
      keepSecrets(inventSecrets(['BACKUP_PASSPHRASE'], given), repository, kept)[0]?.value
    const first = of('one')
    expect(of('one')).toBe(first)
    expect(of('two')).not.toBe(first)
    expect(of('one', new Map([['BACKUP_PASSPHRASE', 'mine']]))).toBe('mine')
    expect(of('one')).toBe(first)
  })

  test('a given value is taken as it is, and opens nothing unless it looks like a token', () => {
    const given = new Map([
      ['PYPI_TOKEN', 'wrong'],
      ['TESTPYPI_TOKEN', 'pypi-real']
    ])
    expect(inventSecrets(['PYPI_TOKEN', 'TESTPYPI_TOKEN'], given).map(({ value, opens }) => [value, opens])).toEqual([
      ['wrong', 'nothing'],
      ['pypi-real', 'testpypi']
    ])
  })
})
