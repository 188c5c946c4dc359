import { expect, test } from '@jest/globals'
import { pythonWith } from './python.ts'

test('a Python environment is made of pinned packages only', async () => {
  await expect(pythonWith(['packaging==26.3', 'twine>=6', 'uv'])).rejects.toThrow('twine>=6, uv')
})
