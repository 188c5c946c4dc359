// needs: escript, rebar3
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readRegistryObject } from '../../actions/hex-publish/registry-object.ts'
import { temporaryFolder } from '../support/run-action.ts'

const count = 200

/** Registry objects as hex_core 0.7.1 encodes and signs them, with releases chosen by chance. */
test(`${count} registry objects of hex_core are read as what they were made of`, () => {
  const folder = temporaryFolder('registry-objects')
  const script = join(import.meta.dirname, 'hex-core/registry.escript')
  const lines = execFileSync('escript', [script, folder, '7', String(count)], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .trim()
    .split('\n')
  expect(lines).toHaveLength(count)
  for (const [index, line] of lines.entries()) {
    const object = readFileSync(join(folder, `${index + 1}.object`))
    const releases: unknown = JSON.parse(line)
    expect(readRegistryObject(object, { name: 'demo' })).toEqual({
      package: { name: 'demo', repository: 'hexpm', releases }
    })
  }
})
