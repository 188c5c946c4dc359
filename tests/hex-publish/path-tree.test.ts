import { describe, expect, test } from '@jest/globals'
import { pathTree } from '../../actions/hex-publish/path-tree.ts'

describe('of some paths', () => {
  // `-` and `.` sort before a slash, letters behind it.
  const tree = pathTree(['lib/a', 'lib', 'lib-x/b', 'lib.c', 'src/d/e', 'lib/a'])

  test.each([
    ['lib', true, true, 'lib'],
    ['lib/a', true, false, 'lib'],
    ['lib/z/y', false, false, 'lib'],
    ['lib-x', true, true, undefined],
    ['lib-x/b', true, false, 'lib-x/b'],
    ['lib.c', true, false, 'lib.c'],
    ['li', false, false, undefined],
    ['src', true, true, undefined],
    ['src/d', true, true, undefined],
    ['src/d/e/f', false, false, 'src/d/e'],
    ['z', false, false, undefined]
  ])('%s: there %s, a folder %s, in %s', (path, isThere, isFolder, outermost) => {
    expect([tree.isThere(path), tree.isFolder(path), tree.outermost(path)]).toEqual([isThere, isFolder, outermost])
  })
})
