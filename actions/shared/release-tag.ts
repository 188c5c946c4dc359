import type { Problem } from './problem.ts'
import { spellingsOf } from './version-spellings.ts'
import type { Registry, Spelling } from './version-spellings.ts'
import { readVersion, sameVersionText } from './version-text.ts'
import type { Channel, VersionText } from './version-text.ts'

export type { Channel, Registry, Spelling }

/** A git tag that names a release. */
export interface ReleaseTag {
  /** The tag's name as git has it, without `refs/tags/`. */
  readonly raw: string
  /** Everything before the version: `v`, `name-v`, `@scope/name@`, `dir/v`, or nothing. */
  readonly prefix: string
  /** The package that the prefix names, when it names one: `name`, `@scope/name`, `dir`. Never with an explicit prefix. */
  readonly package?: string
  /** The text after the prefix, as written. */
  readonly version: string
  readonly channel: Channel
  /** True for dev, alpha, beta and rc: what readers of a registry must opt in to. */
  readonly prerelease: boolean
  readonly spellings: Readonly<Record<Registry, Spelling>>
}

/**
 * Reads a tag. Without `prefix` these forms are understood: `1.2.3`, `v1.2.3`, and either of them after a package name
 * and one of `-`, `_`, `/`, `@` (`name-v1.2.3`, `@scope/name@1.2.3`, `dir/v1.2.3`, `jq-1.7.1`); after a name, a bare version has at least
 * two numbers. With `prefix`, the tag must begin with it; a `v` may still stand between prefix and version.
 *
 * @param raw the tag's name or full ref; never trusted, never echoed with control characters
 * @param options.prefix what stands before the version in this project's tags (input `tag-prefix`); empty is not given
 */
export function parseReleaseTag(
  raw: string,
  options: { readonly prefix?: string | undefined } = {}
): { readonly tag: ReleaseTag } | { readonly problems: readonly Problem[] } {
  const name = raw.startsWith('refs/tags/') ? raw.slice('refs/tags/'.length) : raw
  const problem = unusable(name)
  if (problem !== undefined) return { problems: [problem] }

  const prefix = options.prefix === undefined || options.prefix === '' ? undefined : options.prefix
  if (prefix !== undefined && !name.startsWith(prefix)) return { problems: [otherPrefix(name, prefix)] }

  const split = prefix === undefined ? (splitAt(name, 0) ?? inferSplit(name)) : splitAt(name, prefix.length)
  return split === undefined ? { problems: [noVersion(name, prefix)] } : { tag: tagOf(name, split) }
}

/**
 * Whether a text, such as a changelog's heading or a file's version, names the tag's version in any equivalent
 * spelling; the rules are those of {@link sameVersionText}. The text may bear a `v`, the tag's own prefix, or the
 * name of the tag's own package; another package's version never equals.
 */
export function sameVersion(tag: ReleaseTag, text: string): boolean {
  const trimmed = text.trim()
  if (trimmed === tag.raw) return true
  const own = readVersion(tag.version)
  if (own === undefined) return false
  const other = readVersion(withoutV(trimmed, trimmed.startsWith(tag.prefix) ? tag.prefix.length : 0))
  if (other !== undefined) return sameVersionText(own, other)
  const named = unusable(trimmed) === undefined ? inferSplit(trimmed) : undefined
  return named !== undefined && named.package === tag.package && sameVersionText(own, named.version)
}

interface Split {
  readonly prefix: string
  readonly package?: string
  readonly version: VersionText
}

function tagOf(raw: string, { prefix, package: packageName, version }: Split): ReleaseTag {
  return {
    raw,
    prefix,
    ...(packageName === undefined ? {} : { package: packageName }),
    version: version.text,
    channel: version.channel,
    prerelease: version.channel !== 'stable' && version.channel !== 'post',
    spellings: spellingsOf(version)
  }
}

/** The version that begins at `start`, a `v` allowed before it. */
function splitAt(name: string, start: number): Split | undefined {
  const version = readVersion(withoutV(name, start))
  return version && { prefix: name.slice(0, name.length - version.text.length), version }
}

/** Words before the version that say "release" and name no package. */
const releaseWords = new Set(['v', 'ver', 'version', 'versions', 'rel', 'release', 'releases', 'tag', 'tags'])

/** What packages and folders are called; git would allow `$(…)`, quotes and semicolons too. */
const packagePattern = /^[\p{L}\p{N}_@.][\p{L}\p{N}._+/@-]*$/u

/**
 * Finds where a package's name ends: the leftmost separator after which a version stands, so that `name-1.0.0-rc-2`
 * keeps its label. A tag that begins like a version is one or is wrong: `v1.2.3.4.5-canary-1.0` is no package.
 */
function inferSplit(name: string): Split | undefined {
  if (/^v?[0-9]+\.[0-9]/i.test(name)) return undefined
  for (const { index } of name.matchAll(/[-_/@](?=v?[0-9])/gi)) {
    const split = splitAt(name, index + 1)
    if (split === undefined) continue
    const bare = split.prefix.length === index + 1
    // `python-3` is a name; NuGet-only versions (`1.0-lib-2.0`) are too close to names to be guessed.
    const guessable = split.version.pep440 !== undefined || split.version.hyphenated.numbers.length === 3
    if (!guessable || (bare && !/^[0-9]+(!|\.[0-9])/.test(split.version.text))) continue
    const packageName = name.slice(0, index)
    if (!packagePattern.test(packageName)) return undefined
    return releaseWords.has(packageName.toLowerCase()) ? split : { ...split, package: packageName }
  }
  return undefined
}

/** The text from `start` on without its one `v`, which may be the character before `start`. */
function withoutV(text: string, start: number): string {
  const rest = text.slice(start)
  return /v$/i.test(text.slice(0, start)) ? rest : rest.replace(/^v/i, '')
}

/** A ref's component is a file name in git's own storage, and file names end at 255 bytes. */
const longestTag = 255

/** What `git check-ref-format` refuses anywhere in a name, and the hyphen that `git tag` refuses at its beginning. */
const notInRefs = /^[-/.]|[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(?=\/|$)|[/.]$/u

function unusable(name: string): Problem | undefined {
  if (name === '') {
    return {
      code: 'tag-missing',
      message: 'There is no tag to release.',
      hint: 'Run the workflow on a pushed tag (`on: push: tags`), or set the input `tag`.'
    }
  }
  if (name.length > longestTag) {
    return {
      code: 'tag-too-long',
      message: `The tag ${shown(name)} has ${name.length} characters.`,
      hint: `Use a tag of at most ${longestTag} characters.`
    }
  }
  const forbidden = notInRefs.exec(name)?.[0]
  if (forbidden !== undefined) {
    return {
      code: 'tag-not-a-ref-name',
      message: `${shown(name)} cannot be a tag: git does not allow ${shown(forbidden)} there.`,
      hint: 'Set the input `tag` to the name of a tag, such as v1.2.3, with nothing before or after it.'
    }
  }
  if (name.startsWith('refs/')) {
    return {
      code: 'tag-is-another-ref',
      message: `${shown(name)} is not a tag.`,
      hint: 'Run the workflow on a pushed tag (`on: push: tags`), or set the input `tag` to the name of one.'
    }
  }
  return undefined
}

function otherPrefix(name: string, prefix: string): Problem {
  return {
    code: 'tag-prefix-mismatch',
    message: `The tag ${shown(name)} does not begin with ${shown(prefix)}.`,
    hint: 'Set `tag-prefix` to what stands before the version in this tag, or limit the workflow to tags with this prefix.'
  }
}

function noVersion(name: string, prefix: string | undefined): Problem {
  const rest = name.slice(prefix?.length ?? 0)
  const before = prefix === undefined ? /^([A-Za-z][A-Za-z._/@-]*)[0-9]/.exec(rest)?.[1] : undefined
  const guess =
    before === undefined || /^v$/i.test(before)
      ? ''
      : `, or set \`tag-prefix: '${before}'\` if that is how this project's tags begin`
  return {
    code: 'tag-without-version',
    message: `The tag ${shown(name)} names no version: ${shown(rest)} is neither SemVer nor PEP 440.`,
    hint: `Name the tag after the version, such as v1.2.3, v1.2.3-beta.1 or v1.2.3b1${guess}.`
  }
}

/**
 * The value in quotes, on one line. Control, format and separator characters are escaped: a line break could end a
 * workflow command, and direction marks could show another tag than the one that is there.
 */
function shown(value: string): string {
  const longest = 120
  const text = value
    .slice(0, longest)
    .replaceAll(/[\\"]/g, '\\$&')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
  return `"${text}${value.length > longest ? '…' : ''}"`
}
