import type { Heading, Paragraph, RootContent } from 'mdast'
import { readVersion, sameVersionText } from '../shared/version-text.ts'
import { readHeading, type HeadingReading } from './heading.ts'
import { plainText, span, type MarkdownFile } from './markdown.ts'

/** A heading of the file that is not inside a list, quotation, fence or comment; or a line that serves as one. */
export interface OutlineEntry {
  /** Its index among the root's children. */
  readonly index: number
  readonly level: number
  readonly line: number
  readonly text: string
  readonly reading: HeadingReading
  /**
   * `version`: begins a release's section. `nested`: names a version inside the section of another one, such as the
   * betas listed under `### Beta Changelogs`. `other`: part of whatever it stands in.
   */
  readonly kind: 'version' | 'nested' | 'unreleased' | 'other'
}

/** The file's headings, with what each of them is. */
export function readOutline(file: MarkdownFile): readonly OutlineEntry[] {
  const headings = file.root.children.flatMap((node, index) =>
    node.type === 'heading' ? [read(node, index, node.depth)] : []
  )
  const named = headings.some(({ reading }) => reading.versions.length > 0)
  if (named) return place(headings, believed(headings))
  const lines = file.root.children.flatMap((node, index) => (isHeadingLine(node) ? [read(node, index, lineLevel)] : []))
  const all = [...headings, ...lines].sort((a, b) => a.index - b.index)
  return place(all, new Set(lines))
}

type ReadHeading = Omit<OutlineEntry, 'kind'>

function read(node: Heading | Paragraph, index: number, level: number): ReadHeading {
  const text = plainText(node)
  return { index, level, line: lastLine(node), text: text.replaceAll(/\s+/g, ' ').trim(), reading: readHeading(text) }
}

/** A line that serves as a heading stands above all headings in its section. */
const lineLevel = 1

/**
 * A paragraph of one line that says nothing but a version and its date, plain or bold: `v10.9.0 - August 21, 2026`
 * (eslint), `**3.7.2** (2019-05-04)`. Counts only in files without any version in a heading.
 */
function isHeadingLine(node: RootContent): node is Paragraph {
  if (node.type !== 'paragraph' || node.position?.start.line !== node.position?.end.line) return false
  const text = plainText(node)
  const { sure } = readHeading(text)
  return sure && (/\b(?:19|20)\d\d\b/.test(text) || node.children.every(({ type }) => type === 'strong'))
}

/** A setext heading may begin lines above with an anchor; people look at its last line. */
function lastLine(node: Heading | Paragraph): number {
  return node.children.at(-1)?.position?.end.line ?? span(node).line
}

/**
 * Which headings with a version are taken for a release's. The sure ones always; without any, those under the name
 * that most of them have. Of the others those that are not deeper than these (`### Lib 3.13` below `## 1.2.0` is none),
 * do not name a platform (nor is `## Python 3.13`; `## Swift 6.0` in a file of nothing else is), and are not the title
 * (`# Changelog for Elixir v1.20` above `## v1.20.1`).
 */
function believed(headings: readonly ReadHeading[]): ReadonlySet<ReadHeading> {
  const versions = headings.filter(({ reading }) => reading.versions.length > 0)
  const sure = versions.filter(({ reading }) => reading.sure)
  const own = sure.length > 0 ? sure : mostNamed(versions)
  const deepest = Math.max(...own.map(({ level }) => level))
  const titles = headings.filter(({ level }) => level === 1)
  return new Set(
    versions.filter((heading) => {
      if (heading.reading.sure) return true
      const title = heading.level === 1 && titles.length === 1 && headings[0] === heading && versions.length > 1
      const platform = !own.includes(heading) && heading.reading.versions.some(({ product }) => isPlatform(product))
      return !title && !platform && heading.level <= deepest
    })
  )
}

/** The headings under the name that occurs most, the first such name where several do. */
function mostNamed(headings: readonly ReadHeading[]): readonly ReadHeading[] {
  const byName = Map.groupBy(headings, ({ reading }) => reading.versions[0]?.product?.toLowerCase() ?? '')
  return [...byName.values()].reduce((most, each) => (each.length > most.length ? each : most), [])
}

/** What releases support, require and drop more often than they are it. */
const platforms = new Set(
  (
    'node nodejs node.js npm python pypy ruby rails go golang php java jdk kotlin scala rust rustc msrv elixir erlang ' +
    'otp swift xcode ios macos android windows linux ubuntu debian .net postgres postgresql mysql django react vue'
  ).split(' ')
)

function isPlatform(product: string | undefined): boolean {
  return product !== undefined && platforms.has(product.toLowerCase())
}

/**
 * Walks down the file. A deeper version heading ends the section before it (many files write minor releases as `##`
 * and patches as `###`), unless it stands below a heading that is itself a part of that section, or names a package.
 */
function place(headings: readonly ReadHeading[], taken: ReadonlySet<ReadHeading>): OutlineEntry[] {
  let current: ReadHeading | undefined
  let open: number[] = []
  return headings.map((heading) => {
    const { level, reading } = heading
    open = open.filter((above) => above < level)
    if (taken.has(heading) && !isPartOf(heading, current)) {
      const below = current
      const nested =
        below !== undefined &&
        level > below.level &&
        (open.some((above) => above > below.level) || isPackageOf(heading, below))
      if (nested) return { ...heading, kind: 'nested' }
      current = heading
      open = []
      return { ...heading, kind: 'version' }
    }
    open.push(level)
    if (!reading.unreleased || reading.versions.length > 0) return { ...heading, kind: 'other' }
    if (current !== undefined && level > current.level) return { ...heading, kind: 'other' }
    current = undefined
    return { ...heading, kind: 'unreleased' }
  })
}

/** `## @scope/cli@0.27.0` below `# Release v1.30.0`: a release of many packages, each with its own version. */
function isPackageOf(heading: ReadHeading, above: ReadHeading): boolean {
  return (
    heading.reading.versions.every(({ product }) => product !== undefined) &&
    above.reading.versions.every(({ product }) => product === undefined)
  )
}

/** `### What’s new in 2.0` below `## 2.0.0` is a chapter of it, and so is `## Features of 3.5` below `# 3.5.1`. */
function isPartOf(heading: ReadHeading, current: ReadHeading | undefined): boolean {
  if (current === undefined || (heading.reading.sure && heading.level <= current.level)) return false
  const deeper = heading.level > current.level
  const lineOf = (deeper && !heading.reading.sure ? heading.reading.versions[0]?.version : undefined) ?? ''
  // Next to each other, `## lib 1.0.0` and `## core 1.0.0` are two releases.
  const candidates = heading.reading.versions.filter(({ product }) => deeper || product === undefined)
  return candidates.some((own) =>
    current.reading.versions.some(
      (above) => sameVersions(own.version, above.version) || (lineOf !== '' && above.version.startsWith(`${lineOf}.`))
    )
  )
}

function sameVersions(one: string, other: string): boolean {
  const a = readVersion(one.replace(/^v\.?/i, ''))
  const b = readVersion(other.replace(/^v\.?/i, ''))
  return a !== undefined && b !== undefined && sameVersionText(a, b)
}
