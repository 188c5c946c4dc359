import { describe, expect, test } from '@jest/globals'
import { cellLabels, isHosted, runnerLabels, systemOf } from '../../rehearse/labels.ts'

describe('labels of runners', () => {
  test.each([
    ['ubuntu-latest', null, ['ubuntu-latest']],
    [['self-hosted', 'linux', 'ARM64'], null, ['self-hosted', 'linux', 'ARM64']],
    [{ group: 'large', labels: ['ubuntu-22.04'] }, null, ['ubuntu-22.04', 'large']],
    ['${{ matrix.os }}', { os: ['ubuntu-latest', 'macos-15'] }, ['ubuntu-latest', 'macos-15']],
    ['${{ matrix.os }}', { include: [{ os: 'windows-latest' }, { os: 'macos-15' }] }, ['windows-latest', 'macos-15']],
    ['${{matrix.run.on}}', { run: [{ on: 'a' }, { on: ['b', 'c'] }] }, ['a', 'b', 'c']],
    ['ubuntu-${{ matrix.v }}', { v: ['22.04', '24.04'] }, ['ubuntu-22.04', 'ubuntu-24.04']],
    ['${{ matrix.os }}', { os: ['a'], include: [{ os: 'a', extra: 1 }, { os: 'b' }] }, ['a', 'b']]
  ])('runs-on %j with matrix %j', (runsOn, matrix, labels) => {
    expect(runnerLabels(runsOn, matrix)).toEqual(labels)
  })

  test.each([
    ['${{ inputs.runner }}', null],
    ['${{ fromJSON(needs.plan.outputs.runners) }}', null],
    ['${{ matrix.os }}', '${{ fromJSON(needs.plan.outputs.matrix) }}'],
    ['${{ matrix.os }}', { os: '${{ fromJSON(inputs.systems) }}' }],
    ["${{ matrix.os == 'a' && 'b' || 'c' }}", { os: ['a'] }]
  ])('runs-on %j with matrix %j is known only at run time', (runsOn, matrix) => {
    expect(runnerLabels(runsOn, matrix)).toBeUndefined()
  })

  test('those of GitHub’s own runners are known', () => {
    const labels = [
      'ubuntu-latest',
      'ubuntu-24.04-arm',
      'windows-2025',
      'macos-15-intel',
      'self-hosted',
      'gpu',
      'linux'
    ]
    expect(labels.filter((label) => !isHosted(label))).toEqual(['self-hosted', 'gpu', 'linux'])
  })

  test('a cell has its own labels, whose system is told', () => {
    expect(cellLabels('${{ matrix.os }}', { os: 'windows-11-arm' })).toEqual(['windows-11-arm'])
    expect(systemOf(['windows-11-arm'])).toBe('Windows')
    expect(systemOf(['self-hosted', 'macOS', 'ARM64'])).toBe('macOS')
    expect(systemOf(['ubuntu-24.04-arm'])).toBe('Linux')
  })
})
