import { readableSize } from '../shared/files.ts'
import type { Problem } from '../shared/problem.ts'

/** The tarball itself cannot be read, or not by every program alike. */
export function refused(file: string, fault: string): Problem {
  return {
    code: 'tarball-refused',
    message: `The tarball is refused: ${fault}.`,
    hint: 'Build it again with `mix hex.build`, `rebar3 hex build` or `gleam export hex-tarball`, and do not repack it.',
    file
  }
}

/** metadata.config cannot be read. */
export function metadataRefused(file: string, fault: string): Problem {
  return {
    code: 'tarball-metadata',
    message: `metadata.config is refused: ${fault}.`,
    hint: 'It is made from `package` in mix.exs, from the app.src file or from gleam.toml. Use texts, whole numbers, true and false, and lists of these there, and build again.',
    file
  }
}

/** The contents cannot be unpacked safely, or not everywhere. */
export function unsafe(file: string, fault: string): Problem {
  return {
    code: 'tarball-unsafe',
    message: `The contents are refused: ${fault}.`,
    hint: 'Take it out of `files` of the package, or put the file itself where the link is, and build again.',
    file
  }
}

/**
 * Over one of hex.pm's limits.
 * @param most bytes
 */
export function tooBig(file: string, what: string, most: number): Problem {
  return {
    code: 'tarball-too-big',
    message: `${what}, and hex.pm takes at most ${most} (${readableSize(most)}).`,
    hint: 'Leave files out of the package with `files` or `exclude_patterns` in mix.exs (`files` in app.src), or publish big files elsewhere.',
    file
  }
}

/** Hex takes it, and a maintainer should know. */
export function oddity(file: string, fault: string): Problem {
  return {
    code: 'tarball-odd',
    message: `Hex takes the tarball, and something in it is unusual: ${fault}.`,
    hint: 'See that the package is what you mean; a build without local changes mostly mends it.',
    file
  }
}
