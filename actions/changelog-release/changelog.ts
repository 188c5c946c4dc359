import { ActionError, type Problem } from '../shared/problem.ts'
import { sameVersion, type ReleaseTag } from '../shared/release-tag.ts'
import { nearestVersions } from './nearest-versions.ts'
import { readMarkdown, type MarkdownFile } from './markdown.ts'
import { readOutline, type OutlineEntry } from './outline.ts'
import { cutSection, type Section } from './section.ts'

export type { Section } from './section.ts'

/** A changelog that was read. */
export interface Changelog {
  /** As the user wrote it. */
  readonly path: string
  readonly file: MarkdownFile
  readonly outline: readonly OutlineEntry[]
}

/**
 * Reads a changelog.
 *
 * @throws ActionError `changelog-too-complex`
 */
export function readChangelog(path: string, text: string): Changelog {
  try {
    const file = readMarkdown(text)
    return { path, file, outline: readOutline(file) }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    throw new ActionError(
      error.problems.map((problem) => ({ ...problem, file: path })),
      { cause: error }
    )
  }
}

/** The tag's section, or why there is none that could be published. Warnings do not stop a release. */
export type SectionSearch =
  { readonly section: Section; readonly warnings: readonly Problem[] } | { readonly problems: readonly Problem[] }

/**
 * Finds the section of a tag's version, under any equivalent spelling. A heading that spells the version as the tag
 * does goes before one that only means the same, and one of the tag's own package before one without a name.
 */
export function findSection(changelog: Changelog, tag: ReleaseTag): SectionSearch {
  const { path, file, outline } = changelog
  const candidates = candidatesOf(outline, tag)
  const [heading, ...others] = candidates
  if (heading === undefined) return { problems: [missing(changelog, tag)] }
  const place = { file: path, line: heading.line }
  if (heading.reading.unreleased) {
    return {
      problems: [
        {
          code: 'changelog-section-unreleased',
          message: `The section of ${tag.version} is still marked as unreleased: "${heading.text}".`,
          hint: 'Write the release date into that heading, commit it, and tag that commit.',
          ...place
        }
      ]
    }
  }
  const section = cutSection(file, outline, heading)
  if (section.markdown === '') {
    return {
      problems: [
        {
          code: 'changelog-section-empty',
          message: `The section of ${tag.version} has no text.`,
          hint: 'Write what changed below that heading, commit it, and tag that commit.',
          ...place
        }
      ]
    }
  }
  return { section, warnings: warningsOf(path, tag, heading, others) }
}

/** All headings of the version, best first. */
function candidatesOf(outline: readonly OutlineEntry[], tag: ReleaseTag): OutlineEntry[] {
  const own = ownNames(tag)
  const ranked = outline.flatMap((entry) => {
    if (entry.kind !== 'version' && entry.kind !== 'nested') return []
    const ranks = entry.reading.versions.flatMap(({ version, product }, index) => {
      const about = aboutTag(own, product, index === 0)
      if (about === undefined || !sameVersion(tag, version)) return []
      const spelled = version.replace(/^v\.?/i, '') === tag.version ? 0 : 1
      return [(entry.kind === 'nested' ? 100 : 0) + about * 10 + spelled]
    })
    return ranks.length === 0 ? [] : [{ entry, rank: Math.min(...ranks) }]
  })
  const best = Math.min(...ranked.map(({ rank }) => rank))
  return ranked.filter(({ rank }) => rank === best).map(({ entry }) => entry)
}

/**
 * Whether a version under a product's name is the tag's: 0 when the name is that of the tag's package, 1 without a
 * name, 2 when the tag names no package and the name can be the project's own; undefined for another package.
 */
function aboutTag(own: ReadonlySet<string>, product: string | undefined, first: boolean): number | undefined {
  const name = fold(product)
  if (name === undefined) return 1
  if (own.size > 0) return own.has(name) ? 0 : undefined
  return first ? 2 : undefined
}

/**
 * What headings may call the tag's package, from what stands before the version: `@scope/name` and `name` for
 * `@scope/name@`, `server` for `server-v`. Nothing for `v` and `release-`, which name no package.
 */
function ownNames({ prefix }: ReleaseTag): ReadonlySet<string> {
  const name = fold(prefix.replace(/(?:^|[-_/@.])v$/i, '').replace(/[-_/@.]+$/, ''))
  if (name === undefined || name === '' || /^(?:v|ver|version|versions|rel|release|releases|tag|tags)$/.test(name))
    return new Set()
  return new Set([name, name.split('/').at(-1) ?? name])
}

function fold(name: string | undefined): string | undefined {
  return name?.toLowerCase().replaceAll(/[\s_.-]+/g, '-')
}

function missing({ path, outline }: Changelog, tag: ReleaseTag): Problem {
  const nearest = nearestVersions(outline, tag.version)
  if (nearest.length === 0) {
    return {
      code: 'changelog-without-versions',
      message: `${path} has no heading with a version, so the section of ${tag.version} cannot be found.`,
      hint: `Give each release a Markdown heading, such as "## ${tag.version} - 2026-01-31", or set \`changelog\` to the right file.`,
      file: path
    }
  }
  return {
    code: 'changelog-section-missing',
    message:
      `${path} has no section for ${tag.version}. The nearest versions there: ` +
      `${nearest.map(({ name, line }) => `${name} (line ${line})`).join(', ')}.`,
    hint: `Add a heading such as "## ${tag.version} - 2026-01-31" with the notes below it, commit it, and tag that commit; or check that the tag is right.`,
    file: path
  }
}

function warningsOf(path: string, tag: ReleaseTag, heading: OutlineEntry, others: readonly OutlineEntry[]): Problem[] {
  const place = { file: path, line: heading.line }
  const { placeholder, yanked } = heading.reading
  const warnings: Problem[] = []
  if (others.length > 0) {
    warnings.push({
      code: 'changelog-section-duplicate',
      message: `${tag.version} has ${others.length + 1} headings; the first one is used, not line ${others.map(({ line }) => line).join(', ')}.`,
      hint: 'Leave one heading for each version.',
      ...place
    })
  }
  if (placeholder !== undefined) {
    warnings.push({
      code: 'changelog-section-undated',
      message: `The heading of ${tag.version} still has a placeholder where its date should be: "${placeholder}".`,
      hint: 'Write the release date into the heading.',
      ...place
    })
  }
  if (yanked) {
    warnings.push({
      code: 'changelog-section-yanked',
      message: `${tag.version} is marked as yanked. Its release will not be made the latest one.`,
      hint: 'Nothing is to be done if that is meant. Otherwise take the mark out of the heading.',
      ...place
    })
  }
  return warnings
}
