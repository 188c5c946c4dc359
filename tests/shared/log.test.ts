import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { runnerLog } from '../../actions/shared/log.ts'
import { createSecrets } from '../../actions/shared/secrets.ts'

let written = ''
beforeEach(() => {
  written = ''
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk)
    return true
  })
})
afterEach(() => {
  jest.restoreAllMocks()
})

/** The commands that the runner would take from the text, by its own rules (ActionCommand.cs, TryParseV2 and TryParse). */
function commands(text: string): string[] {
  return text.split(/\r\n|\r|\n/).filter((line) => line.trimStart().startsWith('::') || line.includes('##['))
}

test.each([
  '::add-mask::x',
  '  ::set-env name=A::b',
  'name\n::error::x',
  'name\r::error::x',
  '\u00a0::stop-commands::t',
  'a ##[add-mask]b'
])('foreign text %j gives the runner no command', (text) => {
  runnerLog(createSecrets(() => undefined)).info(text)
  expect(commands(written)).toEqual([])
  expect(written).not.toBe('')
})

test('foreign text neither colours the log nor turns the direction of writing', () => {
  const log = runnerLog(createSecrets(() => undefined))
  const hostile = '\u001b[31mred\u202egnp.exe'
  log.error({ code: 'x', message: hostile, hint: hostile, file: hostile })
  log.info(hostile)
  for (const hides of ['\u001b', '\u202e']) expect(written).not.toContain(hides)
  expect(written).toContain('⟨U+001B⟩[31mred⟨U+202E⟩gnp.exe')
})

test('an annotation is one command, whatever its message holds', () => {
  runnerLog(createSecrets(() => undefined)).error({ code: 'x', message: 'a\n::error::b ##[c]', hint: 'd' })
  expect(commands(written)).toHaveLength(1)
  expect(written).toMatch(/^::error title=x::/)
})

test('a secret is taken out before anything is written', () => {
  const secrets = createSecrets(() => undefined)
  secrets.add('s3cret-value')
  runnerLog(secrets).warning('the server said s3cret-value')
  expect(written).not.toContain('s3cret')
})

test('an annotation stands at its line and column; columns only where it ends on the same line', () => {
  const problem = { code: 'x', message: 'a', hint: 'b', file: 'm.sql', line: 3, column: 5 }
  runnerLog(createSecrets(() => undefined)).remark({
    level: 'warning',
    problem: { ...problem, endLine: 3, endColumn: 9 }
  })
  runnerLog(createSecrets(() => undefined)).remark({
    level: 'notice',
    problem: { ...problem, endLine: 4, endColumn: 2 }
  })
  expect(written.split('\n')[0]).toMatch(/^::warning title=x,file=m\.sql,line=3,endLine=3,col=5,endColumn=9::/)
  expect(written).toMatch(/^::notice title=x,file=m\.sql,line=3,endLine=4::/m)
})

test('no group of the log stands inside another, which a runner does not know', async () => {
  const log = runnerLog(createSecrets(() => undefined))
  await log.group('Inspect', async () => {
    log.info('before')
    const inner = log.group('npx prisma validate', () => Promise.reject(new Error('broken')))
    await expect(inner).rejects.toThrow('broken')
    log.info('after')
  })
  log.info('outside')
  expect(written.trim().split(/\r?\n/)).toEqual([
    ...['::group::Inspect', 'before', '::endgroup::'],
    ...['::group::npx prisma validate', '::endgroup::'],
    ...['::group::Inspect, continued', 'after', '::endgroup::', 'outside']
  ])
})
