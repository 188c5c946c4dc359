import { expect, test } from '@jest/globals'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findingsJson } from '../../actions/migration-guard/findings-json.ts'
import { writeVerdictFiles } from '../../actions/migration-guard/verdict-files.ts'
import type { Verdict } from '../../actions/migration-guard/verdict.ts'
import { configuration, frozenFinding, hostile, hostileVerdict, indexFinding, verdictOf } from './verdicts.ts'

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'migration-findings.schema.json'), 'utf8')
) as object
const validate: ValidateFunction = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)

function written(verdict: Verdict): Record<string, unknown> {
  const told = JSON.parse(findingsJson(verdict)) as Record<string, unknown>
  validate(told)
  expect(validate.errors ?? []).toEqual([])
  return told
}

const pull = {
  number: 12,
  url: 'https://github.com/acme/diwa-agent/pull/12',
  author: 'bob',
  headSha: 'b'.repeat(40),
  headRef: 'x',
  headRepository: undefined,
  fromFork: true,
  baseRef: 'main',
  labels: [],
  approval: { state: 'missing', why: 'nobody approved', next: 'ask alice' },
  bypass: { state: 'none' }
} as const

test.each([
  ['nothing found', verdictOf([])],
  ['findings', verdictOf([frozenFinding, indexFinding])],
  ['unprotected', verdictOf([], { configuration: { ...configuration, file: undefined } })],
  ['a pull request without approval', verdictOf([frozenFinding], { pull, approval: pull.approval })],
  ['an approved one', verdictOf([], { pull, approval: { state: 'approved', by: ['alice'] } })],
  [
    'a bypass',
    verdictOf([], {
      bypass: { state: 'granted', by: 'alice', reason: 'r', until: '2026-12-01', url: 'https://github.com/' },
      silenced: [{ finding: frozenFinding, by: 'a review of alice', bypass: true }]
    })
  ],
  ...hostile.map((text) => [text, hostileVerdict(text)] as const)
])('the JSON is what its schema says: %j', (_, verdict) => {
  expect(written(verdict)['status']).toBe(verdict.failed ? 'failed' : 'passed')
})

test('the JSON has every finding as it is, with its recipe', () => {
  const told = written(verdictOf([frozenFinding, indexFinding]))
  expect(told['findings']).toEqual([frozenFinding, indexFinding])
  expect(told).toMatchObject({ findingsVersion: 1, counts: { error: 2, warning: 0, notice: 0 }, protected: true })
})

test('both files are written where they are looked for, without secrets', async () => {
  const temp = mkdtempSync(join(tmpdir(), 'verdict-files-'))
  try {
    const files = await writeVerdictFiles(verdictOf([{ ...frozenFinding, message: 'token hunter22 in it' }]), {
      temp,
      sarif: join(temp, 'reports', 'guard.sarif'),
      redact: (text) => text.replaceAll('hunter22', '***'),
      titles: new Map([['frozen-path', 'A frozen path']])
    })
    expect(files).toEqual({
      findings: join(temp, 'migration-guard-findings.json'),
      sarif: join(temp, 'reports', 'guard.sarif'),
      problems: []
    })
    for (const path of [files.findings ?? '', files.sarif ?? '']) {
      const text = readFileSync(path, 'utf8')
      expect(text).toContain('token *** in it')
      expect(JSON.parse(text)).toBeDefined()
    }
  } finally {
    rmSync(temp, { recursive: true })
  }
})

test.each([
  ['a folder', (temp: string) => temp],
  ['below a file', (temp: string) => join(temp, 'migration-guard-findings.json', 'x', 'guard.sarif')],
  ['where no folder can be made', () => '/proc/nope/deeper/guard.sarif']
])('a file that cannot be written hides nothing, and is told: %s', async (_, place) => {
  const temp = mkdtempSync(join(tmpdir(), 'verdict-files-'))
  try {
    const files = await writeVerdictFiles(verdictOf([frozenFinding]), {
      temp,
      sarif: place(temp),
      redact: (text) => text,
      titles: new Map()
    })
    expect(files).toMatchObject({
      findings: join(temp, 'migration-guard-findings.json'),
      sarif: undefined,
      problems: [{ code: 'verdict-not-written', message: expect.stringContaining(place(temp)) }]
    })
  } finally {
    rmSync(temp, { recursive: true })
  }
})
