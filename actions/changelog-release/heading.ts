import { isVersionLike, isDateLike, isYear } from './version-token.ts'

/** A version that a heading names, with the product or package before it, where one is named. */
export interface NamedVersion {
  readonly version: string
  readonly product?: string
}

/**
 * What a heading says. `sure`: it begins with its version, so it can hardly be anything but a release's heading.
 * Otherwise it is one only where the rest of the file speaks for it (outline.ts).
 */
export interface HeadingReading {
  readonly versions: readonly NamedVersion[]
  readonly sure: boolean
  /** Marked as not released yet, with or without a version: `Unreleased`, `## 1.17.0 (Unreleased)`. */
  readonly unreleased: boolean
  readonly yanked: boolean
  /** Stands where the date should: `TBD`, `YYYY-MM-DD`. */
  readonly placeholder?: string
}

/** What comes later in a heading says nothing about its version. Characters. */
const longest = 1_000

const nothing: HeadingReading = { versions: [], sure: false, unreleased: false, yanked: false }

/**
 * Reads a heading's text, without markup. Understood are, among others: `1.2.3`, `[v1.2.3] - 2026-01-31 [YANKED]`,
 * `Version 1.2.3: Title`, `1.2.3 / 2026-01-31`, `2026-01-31, Version 1.2.3 'Name' (LTS)`, `mdBook 0.4.1`,
 * `@scope/name@1.2.3`, `rayon 1.11.0 / rayon-core 1.13.0`, `6.5.{10,11}`, `4.3.3 and 3.12.4`.
 */
export function readHeading(text: string): HeadingReading {
  const flat = expandBraces(text.slice(0, longest).replaceAll(/\s+/g, ' ').trim())
  const words = split(flat)
  const word = firstVersion(words)
  const pending = namesNoVersionYet(flat)
  if (word === undefined) return { ...nothing, unreleased: pending }
  const at = words.indexOf(word.at)
  const before = pending ? { sure: false } : readPrefix(words.slice(0, at), word.at.opensParenthesis)
  if (before === undefined) return nothing
  const after = words.slice(at + 1)
  const product = word.at.product ?? before.product
  const first = named(withStage(word.version, after), product)
  const placeholder = placeholderDate.exec(flat)?.[0]
  return {
    versions: [first, ...furtherVersions(after)],
    sure: before.sure && saysNoMore(flat, word.at, after),
    unreleased: pending || marksUnreleased(flat),
    yanked: /\byanked\b/i.test(flat),
    ...(placeholder === undefined ? {} : { placeholder })
  }
}

/** `6.5.{10,11,12}` → `6.5.10, 6.5.11, 6.5.12` (sidekiq/sidekiq, Changes.md) */
function expandBraces(text: string): string {
  return text.replaceAll(/(\S*)\{([^{}\s]*,[^{}\s]*)\}(\S*)/g, (_, head: string, list: string, tail: string) =>
    list
      .split(',')
      .map((each) => `${head}${each}${tail}`)
      .join(', ')
  )
}

/** Names under which projects collect what is not released yet; `(…)` and dates may follow. */
const pending =
  /^(?:un-?released(?: changes)?|upcoming(?: (?:release|version|changes))?|next(?: (?:release|version))?|vnext|master|main|trunk|head|dev(?:elop(?:ment)?)?|in development|in progress|work in progress|wip|future|pending|to be released|not(?: yet)? released|x\.y\.z.*)$/i

function namesNoVersionYet(text: string): boolean {
  const bare = text
    .replaceAll(/[[\]*_~`"':]/g, '')
    .replace(/\s*(?:\(.*\)|[-–—/]\s*(?:\?+|tbd|[\dyxm][\dyxmd/.-]*))$/i, '')
  return bare.split(/\s*\/\s*/).every((part) => pending.test(part.trim()))
}

const unreleasedMark = /^(?:un-?released|not(?: yet)? released|in development|work in progress|wip)$/i

/**
 * Whether a heading with a version is marked: in brackets, behind a separator, or next to the version, and nothing else
 * there. `1.0.0 - work in progress indicator` is the title of what was released.
 */
function marksUnreleased(text: string): boolean {
  if (/^(?:upcoming|next)\b/i.test(text)) return true
  return text
    .replaceAll(/[*_~`"']/g, '')
    .split(/[()[\]{},;|]|:\s|\s[-–—/]+(?=\s|$)|[–—]/)
    .some((part) => unreleasedMark.test(part.split(' ').filter(saysMore).join(' ')))
}

/** Not the version, a date, or what stands for one. */
function saysMore(word: string): boolean {
  return (
    word !== '' &&
    !/\d/.test(word) &&
    !isReleaseWord(word.replace(/^released$/i, '')) &&
    !/^(?:tb[acd]|[-:/])$/i.test(word)
  )
}

const placeholderDate = /\b(?:tb[acd]|yyyy[-/.]mm[-/.]dd|x{2,4}[-/.]xx[-/.]xx|\d{4}-(?:xx|\?\?)-(?:xx|\?\?))\b/i

interface Word {
  /** Without quotes, brackets and punctuation around it. */
  readonly text: string
  readonly version?: string
  readonly product?: string
  readonly date: boolean
  readonly opensParenthesis: boolean
  /** What stood between this word and the end of its token: `:`, `)`, `]` … */
  readonly trail: string
}

const lead = /^[[\]({<"'“‘*_~`]*/
const trail = /[\])}>"'”’*_~`:;.!]*$/

function split(text: string): Word[] {
  return text.split(/[\s,]+/).flatMap((token) => {
    const opening = lead.exec(token)?.[0] ?? ''
    const rest = token.slice(opening.length)
    const bare = rest.replace(trail, '')
    const glued = /^(?<product>@?\p{L}[\p{L}\p{N}._/@-]*?)[@/_-](?<version>v?\d.*)$/u.exec(bare)?.groups
    const common = {
      text: bare,
      date: isDateLike(bare),
      opensParenthesis: opening.includes('('),
      trail: rest.slice(bare.length)
    }
    if (isVersionLike(bare, { marked: opening.includes('[') })) return [{ ...common, version: bare }]
    const { product, version } = glued ?? {}
    if (
      product !== undefined &&
      version !== undefined &&
      /\d\.\d/.test(version) &&
      isVersionLike(version, { marked: false })
    ) {
      return [{ ...common, version, ...(isReleaseWord(product) ? {} : { product }) }]
    }
    return token === '' ? [] : [common]
  })
}

/** The first version and its word; a date only where no version follows it (`2026.03.06, Version 1.52.1`). */
function firstVersion(words: readonly Word[]): { readonly at: Word; readonly version: string } | undefined {
  const found = words.flatMap((word, index) => {
    const single = /^\d+$/.test(word.text) && isReleaseWord(words[index - 1]?.text ?? '') && !isYear(word.text)
    const version = word.version ?? (single ? word.text : undefined)
    return version === undefined ? [] : [{ at: word, version, index }]
  })
  const [first] = found
  if (first?.at.date !== true) return first
  const later = found.find(({ at }) => !at.date)
  if (later === undefined || later.at.opensParenthesis) return first
  return words.slice(first.index + 1, later.index).every((word) => isFiller(word)) ? later : first
}

const separators = new Set(['', '-', '–', '—', '/', '|', ':', '·', '•', '&', '+', '='])
const releaseWords = new Set(['v', 'v.', 'ver', 'version', 'versions', 'rel', 'release', 'released', 'releases', 'tag'])
const connecting = new Set(
  "unreleased upcoming next notes note for of in the changes change changelog log history noteworthy what’s what's whats new news".split(
    ' '
  )
)
const calendar =
  /^(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|\d{1,2}(?:st|nd|rd|th)?|\d{4}|of)$/i

function isReleaseWord(text: string): boolean {
  return releaseWords.has(text.toLowerCase())
}

function isFiller(word: Word): boolean {
  return separators.has(word.text) || isReleaseWord(word.text) || word.date || calendar.test(word.text)
}

/** Words that make a sentence about versions, not the name of a release: `Upgrade to 2.0`. */
const otherSense = new Set(
  (
    'to from since until till before after with without on at by via and or than not no only support supports supported ' +
    'fix fixes fixed add adds added remove removes removed change changed update updates updated upgrade upgrades upgraded ' +
    'upgrading bump bumps bumped drop drops dropped require requires required requirement requirements minimum min ' +
    'breaking deprecate deprecates deprecated deprecation migrate migrating migration security backport backports ' +
    'compatible compatibility dependency dependencies use uses using api step part chapter section phase features list'
  ).split(' ')
)

interface Prefix {
  readonly sure: boolean
  readonly product?: string
}

/** What may stand before the version; `undefined` where it makes the heading no release's. */
function readPrefix(words: readonly Word[], opensParenthesis: boolean): Prefix | undefined {
  const said = words.filter((word) => !isFiller(word) && !isDecoration(word.text))
  if (said.length === 0) return { sure: true }
  const names = said.filter((word) => !connecting.has(word.text.toLowerCase()))
  if (names.length === 0) return { sure: false }
  // `poetry-core ([2.4.0](…))` is a dependency of the release, not the release.
  if (opensParenthesis || names.length > 3) return undefined
  if (names.some(({ text }) => otherSense.has(text.toLowerCase()) || !/^[@\p{L}][\p{L}\p{N}.@/_+-]*$/u.test(text))) {
    return undefined
  }
  return { sure: false, product: names.map(({ text }) => text).join(' ') }
}

/** Emoji and `:tada:`. */
function isDecoration(text: string): boolean {
  return /^(?:[\p{Extended_Pictographic}\p{M}\p{Cf}]+|:[\w+-]+:?)$/u.test(text)
}

/** `1.0.0 beta 2` and `1.0.0 (beta 2)` are not 1.0.0; `3.5 (alpha to stable)` is another matter. */
function withStage(version: string, after: readonly Word[]): string {
  const [stage, number] = after
  if (stage === undefined || !/^(?:alpha|beta|rc|pre|preview|dev)[.-]?\d*$/i.test(stage.text)) return version
  const counted = number !== undefined && /^\d{1,3}$/.test(number.text) && !/\d$/.test(stage.text) && stage.trail === ''
  if (stage.opensParenthesis && !(counted ? number : stage).trail.includes(')')) return version
  return counted ? `${version}-${stage.text}.${number.text}` : `${version}-${stage.text}`
}

/** Versions that share the heading: `and`, `&`, `,` and `/` join them. */
function furtherVersions(after: readonly Word[]): NamedVersion[] {
  const found: NamedVersion[] = []
  let product: string | undefined
  for (const word of after) {
    if (word.opensParenthesis) break
    if (word.version !== undefined && !word.date) found.push(named(word.version, word.product ?? product))
    else if (separators.has(word.text) || /^and$/i.test(word.text)) product = undefined
    else if (/^[@\p{L}][\p{L}\p{N}./@_-]*$/u.test(word.text) && product === undefined) product = word.text
    else break
  }
  return found
}

/**
 * Whether what follows the version is what follows versions: nothing, a date, something in brackets or behind a
 * separator. `2.0 migration guide` is a chapter of some release.
 */
function saysNoMore(text: string, word: Word, after: readonly Word[]): boolean {
  const next = after[0]
  if (next === undefined || /[:)]/.test(word.trail) || isFiller(next) || isDecoration(next.text)) return true
  if (
    next.version !== undefined ||
    /^(?:and|yanked|unreleased|stable|lts|final|alpha|beta|rc|pre|preview|dev)\b/i.test(next.text)
  )
    return true
  const rest = text.slice(text.indexOf(word.text) + word.text.length + word.trail.length).trimStart()
  return /^[^\p{L}\p{N}]/u.test(rest)
}

function named(version: string, product: string | undefined): NamedVersion {
  return product === undefined ? { version } : { version, product }
}
