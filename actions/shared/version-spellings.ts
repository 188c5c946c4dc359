import { formatPep440 } from './pep440.ts'
import type { Pep440Version } from './pep440.ts'
import type { HyphenatedVersion, VersionText } from './version-text.ts'

/** The notations that registries ask for. `pep440` is the notation; that PyPI refuses local versions is PyPI's rule. */
export const registries = ['semver', 'pep440', 'hex', 'npm', 'nuget', 'docker'] as const
export type Registry = (typeof registries)[number]

/** The version in one registry's notation, or why that registry has no equivalent: a sentence for the user. */
export type Spelling = { readonly version: string } | { readonly reason: string }

/** The version in every registry's notation. Nothing is forced: where meaning or order would change, there is a reason. */
export function spellingsOf(version: VersionText): Readonly<Record<Registry, Spelling>> {
  const hyphenated = hyphenate(version)
  const semver = withNumbers(hyphenated, 3, 'SemVer')
  const nuget = nugetSpelling(withNumbers(hyphenated, 4, 'NuGet'))
  const pep440 = pep440Spelling(version)
  return {
    semver: spelled(semver),
    pep440,
    hex: hexSpelling(semver),
    npm: npmSpelling(semver),
    nuget,
    docker: dockerSpelling([spelled(semver), pep440, nuget])
  }
}

type Reason = { readonly reason: string }

function pep440Spelling({ text, pep440, ambiguous, hyphenated }: VersionText): Spelling {
  if (pep440 !== undefined) return { version: formatPep440(pep440) }
  if (ambiguous) {
    const [number] = hyphenated.labels
    const base = hyphenated.numbers.join('.')
    return {
      reason:
        `"${text}" is ambiguous: SemVer places it before ${base}, PEP 440 after it. ` +
        `Tag ${base}.post${number ?? ''} or ${base}-rc.${number ?? ''} instead.`
    }
  }
  return {
    reason: `PEP 440 cannot say "${text}": it knows a, b, rc, dev and post, each with one number, as in 1.2.3-beta.1 or 1.2.3-dev.1.`
  }
}

/** The hyphenated form of a version, whichever way it was written. */
function hyphenate({ text, hyphenated, pep440 }: VersionText): HyphenatedVersion | Reason {
  if (pep440 === undefined) return hyphenated
  if (pep440.post !== undefined && pep440.pre === undefined) {
    return {
      reason: `"${text}" is a post-release, and SemVer has nothing that comes after a release but the next one.`
    }
  }
  return hyphenated ?? hyphenatePep440(text, pep440)
}

const labelOfLetter = { a: 'alpha', b: 'beta', rc: 'rc' } as const

function hyphenatePep440(
  text: string,
  { epoch, release, pre, post, dev, local }: Pep440Version
): HyphenatedVersion | Reason {
  if (epoch !== 0n) return { reason: `"${text}" has an epoch, which only PEP 440 knows.` }
  if (dev !== undefined && pre !== undefined) {
    return { reason: `"${text}" comes before its pre-release in PEP 440; SemVer would place it after that.` }
  }
  const labels = [
    ...(pre === undefined ? [] : [labelOfLetter[pre.letter], String(pre.number)]),
    ...(post === undefined ? [] : ['post', String(post)]), // rc.1 < rc.1.post.1 < rc.2 in both orders
    ...(dev === undefined ? [] : ['dev', String(dev)])
  ]
  return { numbers: release, labels, build: local?.map(String) ?? [] }
}

/** Pads with zeros up to three numbers and drops zeros after them: 1.2 is 1.2.0 for PEP 440 and NuGet. */
function withNumbers(version: HyphenatedVersion | Reason, most: 3 | 4, name: string): HyphenatedVersion | Reason {
  if ('reason' in version) return version
  const { numbers } = version
  if (numbers.length === 1) {
    return {
      reason: `"${numbers.join('.')}" is one number, which names a line of releases; tag all three, as in 1.0.0.`
    }
  }
  const significant = numbers.findLastIndex((number) => number !== 0n) + 1
  if (significant > most)
    return { reason: `"${numbers.join('.')}" has more than the ${most} numbers that ${name} has.` }
  const length = Math.max(3, significant)
  return {
    ...version,
    numbers: [...numbers.slice(0, length), ...Array<bigint>(Math.max(0, 3 - numbers.length)).fill(0n)]
  }
}

/** @see https://github.com/hexpm/hexpm/blob/main/lib/hexpm/ecto/version.ex */
const hexLargestNumber = 99_999_999_999_999n
const hexLongestPrerelease = 64

function hexSpelling(version: HyphenatedVersion | Reason): Spelling {
  if ('reason' in version) return version
  if (version.build.length > 0) return { reason: `Hex refuses build metadata ("+${version.build.join('.')}").` }
  const numbers = [...version.numbers, ...version.labels.filter((text) => /^[0-9]+$/.test(text)).map(BigInt)]
  if (numbers.some((number) => number > hexLargestNumber))
    return { reason: `Hex takes no number above ${hexLargestNumber}.` }
  if (version.labels.join('.').length > hexLongestPrerelease) {
    return { reason: `Hex takes at most ${hexLongestPrerelease} characters of pre-release labels.` }
  }
  return spelled(version)
}

/** node-semver's limits: numbers are JavaScript's; its expressions take 256 characters in all and 248 in a label. */
const npmLongest = 256
const npmLongestLabel = 248

function npmSpelling(version: HyphenatedVersion | Reason): Spelling {
  if ('reason' in version) return version
  if (version.build.length > 0) return droppedBuild('npm', version)
  if (version.numbers.some((number) => number > BigInt(Number.MAX_SAFE_INTEGER))) {
    return { reason: `npm takes no number above ${Number.MAX_SAFE_INTEGER}.` }
  }
  if (format(version).length > npmLongest || version.labels.some((text) => text.length > npmLongestLabel)) {
    return { reason: `npm takes at most ${npmLongest} characters, and ${npmLongestLabel} in a label.` }
  }
  return spelled(version)
}

/** NuGet's numbers are .NET's System.Version: 32-bit signed. */
const nugetLargestNumber = 2_147_483_647n

function nugetSpelling(version: HyphenatedVersion | Reason): Spelling {
  if ('reason' in version) return version
  if (version.build.length > 0) return droppedBuild('NuGet', version)
  if (version.numbers.some((number) => number > nugetLargestNumber)) {
    return { reason: `NuGet takes no number above ${nugetLargestNumber}.` }
  }
  return spelled(version)
}

/** Two builds of one version would be one release there, so a build is not an equivalent of the version without it. */
function droppedBuild(registry: string, version: HyphenatedVersion): Reason {
  return {
    reason: `${registry} drops "+${version.build.join('.')}" and would publish ${format({ ...version, build: [] })}.`
  }
}

/** The grammar of a tag: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
const dockerTag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** The SemVer form where there is one, so that all images of a project look alike; else whichever there is. */
function dockerSpelling(candidates: readonly Spelling[]): Spelling {
  for (const candidate of candidates) {
    if (!('version' in candidate)) continue
    if (dockerTag.test(candidate.version)) return candidate
    return {
      reason: `"${candidate.version}" is no image tag: at most 128 of the characters A-Z a-z 0-9 . _ - and no "+" or "!".`
    }
  }
  return { reason: 'The version has no spelling that an image tag could bear.' }
}

function spelled(version: HyphenatedVersion | Reason): Spelling {
  return 'reason' in version ? version : { version: format(version) }
}

function format({ numbers, labels, build }: HyphenatedVersion): string {
  const hyphen = labels.length === 0 ? '' : `-${labels.join('.')}`
  const plus = build.length === 0 ? '' : `+${build.join('.')}`
  return numbers.join('.') + hyphen + plus
}
