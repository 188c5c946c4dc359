import semver from 'semver'
import { isElixirRequirement, matchesRequirement, parseElixirVersion } from '../shared/hex/elixir-version.ts'

/** Which versions of Elixir or Erlang/OTP an input accepts. */
export interface ToolRange {
  /** As the user wrote it. */
  readonly text: string
  /** `-otp-25`: the OTP that Elixir must have been built for. */
  readonly builtFor: string | undefined
  accepts(version: string): boolean
}

/**
 * Reads a range: a version or its beginning (`1.15`, `25.3.2.8`), a semver range (`>=1.15 <1.18`, `25.x`), or a
 * requirement as mix.exs has it (`~> 1.15`), with Elixir's meaning: up to the next major version. In front of a
 * version, `v` and `OTP-` are taken as setup-beam takes them.
 *
 * @returns undefined where it is none of them
 */
export function readToolRange(text: string): ToolRange | undefined {
  const builtFor = /-otp-(\d+)$/.exec(text)?.[1]
  const range = text
    .trim()
    .replace(/^(v|OTP-)(?=\d)/, '')
    .replace(/-otp-\d+$/, '')
  const accepts = beginning(range) ?? requirement(range) ?? semverRange(range)
  return accepts === undefined ? undefined : { text, builtFor, accepts }
}

/** OTP's versions have two to five numbers (`25.3.2.8`), and a release candidate's `-rc1`. */
function beginning(range: string): ToolRange['accepts'] | undefined {
  if (!/^\d+(\.\d+)*(-[0-9A-Za-z.-]+)?$/.test(range)) return undefined
  return (version) => version === range || (version.startsWith(`${range}.`) && !version.includes('-'))
}

function requirement(range: string): ToolRange['accepts'] | undefined {
  if (!range.includes('~>') || !isElixirRequirement(range)) return undefined
  return (version) => {
    const parsed = parseElixirVersion(threeNumbers(version))
    return parsed !== undefined && matchesRequirement(parsed, range, { allowPre: false })
  }
}

function semverRange(range: string): ToolRange['accepts'] | undefined {
  // No text is any version: that is no choice.
  if (range === '' || semver.validRange(range) === null) return undefined
  return (version) => semver.satisfies(threeNumbers(version), range)
}

/** `25.3.2.8` → `25.3.2`, `27.0-rc1` → `27.0.0-rc1`: neither SemVer nor Elixir knows other lengths. */
function threeNumbers(version: string): string {
  const [, numbers = '', rest = ''] = /^([\d.]*)(.*)$/.exec(version) ?? []
  const [major = '0', minor = '0', patch = '0'] = numbers.split('.')
  return `${major}.${minor}.${patch}${rest}`
}

/** Highest first. */
export function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('-', 1)[0]?.split('.').map(Number) ?? [])
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (right?.[i] ?? 0) - (left?.[i] ?? 0)
    if (difference !== 0) return difference
  }
  return Number(a.includes('-')) - Number(b.includes('-'))
}
