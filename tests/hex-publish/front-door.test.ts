import { expect, test } from '@jest/globals'
import { defaultForbiddenFiles } from '../../actions/hex-publish/policy.ts'
import { modes } from '../../actions/hex-publish/mode.ts'
import { retirementReasons } from '../../actions/hex-publish/release-change.ts'
import { readActionMetadata } from '../../scripts/action-metadata.ts'

const { inputs } = readActionMetadata('hex-publish')

test('the files that are forbidden by default are those that action.yml shows', () => {
  expect(inputs['forbidden-files']?.default.trim().split('\n')).toEqual(defaultForbiddenFiles)
})

test('action.yml names every mode, and the first one is the default', () => {
  expect(inputs['mode']?.default).toBe(modes[0])
  for (const mode of modes) expect(inputs['mode']?.description).toContain(`\`${mode}\``)
})

test('action.yml names every reason for which a release is retired', () => {
  for (const reason of retirementReasons) expect(inputs['reason']?.description).toContain(`\`${reason}\``)
})
