import { expect, test } from '@jest/globals'
import { readMixDeps } from '../../../actions/shared/hex/proofs/mix-deps.ts'

test('what `mix deps` prints is read with sources, locked releases and what Mix says to them', () => {
  const output = [
    'warning: something of the project',
    '  mix.exs:3',
    '',
    '* ecto 3.12.0 (Hex package) (mix)',
    '  locked at 3.12.0 (ecto) 11111111',
    '  ok',
    '* diwa_schema (Hex package) (mix)',
    '  locked at 0.1.0 (hexpm:acme/diwa_schema) ccb50730',
    '  the dependency is not available, run "mix deps.get"',
    '* local 0.1.0 (../some folder (old)) (mix)',
    '  ok',
    '* cowlib 2.13.0 (https://github.com/ninenines/cowlib.git - 1.0) (rebar3)',
    '  locked at abc1234 (tag: 2.13.0)',
    '  ok',
    '* odd 1.0.0-rc.1+b (Hex package)',
    ''
  ].join('\n')
  expect(Object.fromEntries([...readMixDeps(output)].map(([name, [only]]) => [name, only]))).toEqual({
    ecto: { source: 'Hex package', lockedAt: '3.12.0 (ecto) 11111111', status: 'ok' },
    diwa_schema: {
      source: 'Hex package',
      lockedAt: '0.1.0 (hexpm:acme/diwa_schema) ccb50730',
      status: 'the dependency is not available, run "mix deps.get"'
    },
    local: { source: '../some folder (old)', lockedAt: undefined, status: 'ok' },
    cowlib: {
      source: 'https://github.com/ninenines/cowlib.git - 1.0',
      lockedAt: 'abc1234 (tag: 2.13.0)',
      status: 'ok'
    },
    odd: { source: 'Hex package', lockedAt: undefined, status: undefined }
  })
})
