import { describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { frontDoors, readActionMetadata } from '../../scripts/action-metadata.ts'
import { withTables } from '../../scripts/docs.ts'
import { readPage } from './markdown.ts'
import { projectFiles, read, root } from './repository.ts'

const pages = projectFiles().filter(
  (path) => path.endsWith('.md') && !/^(dist|examples|tests|rehearse|sandbox)\//.test(path)
)

test('the pages that a visitor looks for are there', () => {
  expect(pages).toEqual(
    expect.arrayContaining([
      'README.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
      'docs/architecture.md',
      'docs/security.md',
      'docs/troubleshooting.md',
      ...frontDoors.map((action) => `${action}/README.md`)
    ])
  )
})

describe.each(pages)('%s', (path) => {
  const page = readPage(path)

  test('links to files and headings that exist', () => {
    const broken = page.links.filter((link) => !/^[a-z]+:/.test(link) && !resolves(path, link))
    expect(broken).toEqual([])
  })
})

function resolves(from: string, link: string): boolean {
  const [file = '', fragment] = link.split('#')
  const target = file === '' ? from : posix.join(posix.dirname(from), decodeURIComponent(file))
  if (!existsSync(join(root, target))) return false
  return fragment === undefined || !target.endsWith('.md') || readPage(target).anchors.has(fragment)
}

test.each(frontDoors)("%s/README.md shows action.yml's inputs and outputs", (action) => {
  const readme = read(`${action}/README.md`)
  expect(readme).toBe(withTables(readme, readActionMetadata(action)))
})

test.each(frontDoors)('README.md links to %s', (action) => {
  expect(readPage('README.md').links).toContain(`${action}/README.md`)
})
