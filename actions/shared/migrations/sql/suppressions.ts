import type { Statement, Suppression } from '../migration.ts'
import { lexemes } from './lexemes.ts'
import { filePlace } from './source-text.ts'

/** A comment with its marks (`-- …`, `/* … *\/`, `# …`), in UTF-16 offsets. */
export interface Comment {
  readonly start: number
  readonly end: number
}

/** Comments of a SQL file that ask for silence. Looks for comments only where the text has the words. */
export function readSqlSuppressions(
  text: string,
  statements: readonly Pick<Statement, 'span'>[]
): readonly Suppression[] {
  return asksForSilence.test(text) ? readSuppressions(text, sqlComments(text), statements) : []
}

const asksForSilence = /migration-guard:|squawk-ignore|atlas:nolint|excellent_migrations/

/**
 * What the comments of a text ask for; SQL's are the lexer's, Elixir's the comment nodes of its tree. A
 * comment in the middle of a statement covers the whole of it.
 */
export function readSuppressions(
  text: string,
  comments: readonly Comment[],
  statements: readonly Pick<Statement, 'span'>[]
): readonly Suppression[] {
  if (!asksForSilence.test(text)) return []
  const page = pageOf(text, comments)
  return comments
    .flatMap((comment) => directives.flatMap((read) => read(comment, page) ?? []))
    .map((suppression) => widened(suppression, statements))
}

function sqlComments(text: string): readonly Comment[] {
  return [...lexemes(text)].filter(({ kind }) => kind === 'comment')
}

/** A text and what of it is code. */
interface Page {
  readonly text: string
  /** The same length, with spaces for comments. */
  readonly code: string
  readonly lineOf: (offset: number) => number
}

function pageOf(text: string, comments: readonly Comment[]): Page {
  const { at } = filePlace(text)
  let code = ''
  let done = 0
  for (const { start, end } of comments) {
    code += text.slice(done, start) + text.slice(start, end).replace(/[^\r\n]/g, ' ')
    done = end
  }
  return { text, code: code + text.slice(done), lineOf: (offset) => at(offset).line }
}

function isBehindCode({ start }: Comment, { code }: Page): boolean {
  return code.slice(code.lastIndexOf('\n', start - 1) + 1, start).trim() !== ''
}

/** The first line with code in it behind an offset; undefined where none follows. */
function nextCodeLine(offset: number, { code, lineOf }: Page): number | undefined {
  const next = code.slice(offset).search(/\S/)
  return next === -1 ? undefined : lineOf(offset + next)
}

/** A comment without its marks. */
function bodyOf({ start, end }: Comment, { text }: Page): string {
  return text
    .slice(start, end)
    .replace(/^(?:--|#|\/\*)/, '')
    .replace(/\*\/$/, '')
}

type Directive = (comment: Comment, page: Page) => Suppression | undefined

const directives: readonly Directive[] = [ours, squawks, atlas, excellentMigrations]

/**
 * `migration-guard: ignore rule, rule: reason` before a statement or behind it in its line, and
 * `migration-guard: ignore-file rule: reason` anywhere. Without rules: every rule.
 */
function ours(comment: Comment, page: Page): Suppression | undefined {
  const found =
    /^\s*migration-guard:\s*ignore(-file)?(?:\s+([a-z][a-z-]*(?:\s*,\s*[a-z][a-z-]*)*))?\s*(?::\s*([^]*))?$/.exec(
      bodyOf(comment, page)
    )
  if (found === null) return undefined
  const [, file, rules = '', reason = ''] = found
  const line = page.lineOf(comment.start)
  const covered = isBehindCode(comment, page) ? line : nextCodeLine(comment.end, page)
  if (file === undefined && covered === undefined) return undefined
  return {
    by: 'migration-guard',
    rules: names(rules, ','),
    covers: file === undefined && covered !== undefined ? { first: covered, last: covered } : 'file',
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    line
  }
}

/**
 * `squawk-ignore rule, rule -- reason`: what begins in the comment's line or the next; without rules it silences nothing.
 * `squawk-ignore-file` anywhere in the file; without rules: every rule (squawk_linter, ignore.rs and ignore_index.rs).
 */
function squawks(comment: Comment, page: Page): Suppression | undefined {
  const body = bodyOf(comment, page)
  const [directive = '', ...reasons] = body.split('--')
  const found = /^(\s*)squawk-ignore(-file)?(.*)$/s.exec(directive)
  if (found === null || page.text.startsWith('#', comment.start)) return undefined
  const [, space = '', file, listed = ''] = found
  const rules = names(listed, ',')
  if (file === undefined && rules.length === 0) return undefined
  const line = page.lineOf(comment.start + 2 + space.length)
  const reason = reasons.join('--').trim()
  return {
    by: 'squawk',
    rules,
    covers: file === undefined ? { first: line, last: line + 1 } : 'file',
    ...(reason === '' ? {} : { reason }),
    line
  }
}

/**
 * `atlas:nolint [analyzers and codes]`: the statement that follows without a blank line between; in the comments that
 * begin the file, where a blank line ends them: the whole file (atlas, sql/migrate: lex.go, dir.go).
 */
function atlas(comment: Comment, page: Page): Suppression | undefined {
  const found = /^(?:-- ?|#|\/\*)atlas:nolint(?:[ \t]+([^\r\n]*?))?\s*(?:\*\/)?$/.exec(
    page.text.slice(comment.start, comment.end)
  )
  if (found === null || isBehindCode(comment, page)) return undefined
  const line = page.lineOf(comment.start)
  const next = nextCodeLine(comment.end, page)
  if (next === undefined) return undefined
  const blank = hasBlankLine(page.text.slice(comment.end), next - line)
  const header =
    page.code.slice(0, comment.start).trim() === '' && !hasBlankLine(page.text.slice(0, comment.start), line - 1)
  if (blank && !header) return undefined
  return {
    by: 'atlas',
    rules: names(found[1] ?? '', ' '),
    covers: blank ? 'file' : { first: next, last: next },
    line
  }
}

/** Whether a blank line stands in the first lines of a text. */
function hasBlankLine(text: string, lines: number): boolean {
  return text.split('\n', lines).some((line, index) => index > 0 && line.trim() === '')
}

/**
 * `excellent_migrations:safety-assured-for-this-file rule rule`, and `…-for-next-line`, where the next line is the one
 * behind all such comments that follow each other. Without rules: nothing (config_comments_parser.ex, dangers_filter.ex).
 */
function excellentMigrations(comment: Comment, page: Page): Suppression | undefined {
  const found = excellentComment.exec(page.text.slice(comment.start, comment.end))
  if (found === null || isBehindCode(comment, page)) return undefined
  const [, where, listed = ''] = found
  const rules = names(listed, ' ').map((rule) => rule.replaceAll('-', '_'))
  if (rules.length === 0) return undefined
  const line = page.lineOf(comment.start)
  const following = page.text.slice(comment.end).split('\n').slice(1)
  const stacked = following.findIndex((text) => !excellentComment.test(text.trim()))
  const next = line + 1 + Math.max(stacked, 0)
  return {
    by: 'excellent_migrations',
    rules,
    covers: where === 'this-file' ? 'file' : { first: next, last: next },
    line
  }
}

const excellentComment = /^#\s*excellent_migrations\s*:\s*safety-assured-for-(this-file|next-line)(?:\s+(.*))?$/

function names(list: string, separator: string): readonly string[] {
  return list
    .split(separator)
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Lines in the middle of a statement stand for the statement. */
function widened(suppression: Suppression, statements: readonly Pick<Statement, 'span'>[]): Suppression {
  const { covers } = suppression
  if (covers === 'file') return suppression
  const around = statements.find(({ span }) => span.start.line < covers.first && covers.first <= span.end.line)
  if (around === undefined) return suppression
  return { ...suppression, covers: { first: around.span.start.line, last: covers.last } }
}
