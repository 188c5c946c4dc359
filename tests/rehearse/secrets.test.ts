import { describe, expect, test } from '@jest/globals'
import { inventSecrets, secretNames } from '../../rehearse/secrets.ts'

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
