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

test('a README that lacks the place for a table is an error, not a README without one', () => {
  expect(() => withTables('# an action', { inputs: {}, outputs: {} })).toThrow('<!-- inputs -->')
})

test('a table shows every line of a default, and no pipe ends a cell', () => {
  const inputs = { routes: { description: 'a | b\n  and c', required: false, default: 'dev: testpypi\nrc: pypi\n' } }
  const readme = withTables('<!-- inputs --><!-- /inputs --><!-- outputs --><!-- /outputs -->', { inputs, outputs: {} })
  expect(readme).toContain('| `routes` | a \\| b and c | `dev: testpypi`<br>`rc: pypi` |')
})

test('README.md opens with the two commands, then with the smallest workflow', () => {
  const [rehearse, tests, workflow] = readPage('README.md').code
  expect(rehearse?.text).toBe('npm ci && npm run rehearse')
  expect(tests?.text).toBe('npm ci && npm test')
  expect(workflow?.language).toBe('yaml')
})

test('every npm script that a page names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
  const named = pages.flatMap((path) => [...read(path).matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => name ?? ''))
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})
