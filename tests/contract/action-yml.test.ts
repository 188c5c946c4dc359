import { NoOperationTraceWriter } from '@actions/workflow-parser'
import { parseAction } from '@actions/workflow-parser/actions/action-parser'
import { describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { frontDoors, readActionMetadata } from '../../scripts/action-metadata.ts'
import { actionNames } from '../../scripts/build.ts'
import { actionSources, inputsRead, outputsSet } from './action-source.ts'
import { projectFiles, read, root } from './repository.ts'

test('every action has a front door, and every front door an action', () => {
  expect(frontDoors).toEqual(actionNames)
  expect(frontDoors.length).toBeGreaterThan(0)
})

test('there is no action.yml but those of the front doors', () => {
  const others = projectFiles().filter((path) => /(^|\/)action\.ya?ml$/.test(path) && !path.startsWith('rehearse/'))
  expect(others.toSorted()).toEqual(frontDoors.map((action) => `${action}/action.yml`))
})

describe.each(frontDoors)('%s/action.yml', (action) => {
  const metadata = readActionMetadata(action)
  const sources = actionSources(action)

  test('is what GitHub takes, icon and colour included', () => {
    const file = { name: `${action}/action.yml`, content: read(`${action}/action.yml`) }
    const errors = parseAction(file, new NoOperationTraceWriter()).context.errors.getErrors()
    expect(errors.map((error) => error.message)).toEqual([])
  })

  test('runs its bundle on Node 24', () => {
    const { post, ...runs } = metadata.runs
    expect(runs).toEqual({ using: 'node24', main: `../dist/${action}/index.js` })
    // What reconciles after a killed step is the same bundle by another name.
    if (post === undefined) return
    expect(post).toBe(`../dist/${action}/post.js`)
    expect(read(`dist/${action}/post.js`)).toBe("import './index.js'\n")
  })

  test.each(['index.js', 'package.json', 'licenses.txt'])('has its bundle: %s', (file) => {
    expect(existsSync(join(root, 'dist', action, file))).toBe(true)
  })

  test('names its inputs and outputs in kebab case', () => {
    for (const name of [...Object.keys(metadata.inputs), ...Object.keys(metadata.outputs)]) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    }
  })

  test('describes every input and output', () => {
    for (const entry of [...Object.values(metadata.inputs), ...Object.values(metadata.outputs)]) {
      expect(entry.description.trim().length).toBeGreaterThan(5)
    }
  })

  test('offers exactly the inputs that the code reads', () => {
    expect(Object.keys(metadata.inputs).toSorted()).toEqual(inputsRead(sources))
  })

  test('promises exactly the outputs that the code sets', () => {
    expect(Object.keys(metadata.outputs).toSorted()).toEqual(outputsSet(sources))
  })
})
