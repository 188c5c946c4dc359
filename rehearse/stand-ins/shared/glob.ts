import { readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, resolve, sep } from 'node:path'

/** What a list of patterns found, in the manner of @actions/glob. */
export interface Found {
  /** Absolute paths of files, sorted. */
  readonly files: readonly string[]
  /** The fixed beginnings of the patterns, without those inside another: they decide the artifact's root. */
  readonly searchPaths: readonly string[]
}

/**
 * Finds files by patterns, one a line: `*`, `**`, `?`, `[a-z]`, `!pattern` to leave out, `#` for remarks. A folder
 * stands for everything below it. Hidden files and folders are left out unless asked for.
 *
 * @see https://github.com/actions/toolkit/tree/main/packages/glob#patterns
 */
export function findFiles(patterns: string, options: { readonly folder: string; readonly hidden: boolean }): Found {
  const lines = patterns
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const rules = lines.map((line) => {
    const negated = /^!+/.exec(line)?.[0].length ?? 0
    return { leaveOut: negated % 2 === 1, pattern: rooted(line.slice(negated), options.folder) }
  })
  const starts = rules.filter(({ leaveOut }) => !leaveOut).map(({ pattern }) => fixedPart(pattern))
  const searchPaths = starts.filter(
    (path, index) => starts.indexOf(path) === index && !starts.some((other) => other !== path && inside(path, other))
  )
  const matchers = rules.map(({ leaveOut, pattern }) => ({ leaveOut, pattern: expression(pattern) }))
  const files = searchPaths
    .flatMap((start) => walk(start, options.hidden))
    .filter((file) =>
      matchers.reduce(
        (taken, { leaveOut, pattern }) => (pattern.test(file.replaceAll('\\', '/')) ? !leaveOut : taken),
        false
      )
    )
  return { files: [...new Set(files)].toSorted(), searchPaths }
}

/** One glob against one name, for `pattern:` of download-artifact (minimatch's rules without braces and extglobs). */
export function matchesName(pattern: string, name: string): boolean {
  // minimatch's wildcards do not match a leading dot.
  if (name.startsWith('.') && !pattern.startsWith('.')) return false
  return new RegExp(`^${segment(pattern)}$`, 's').test(name)
}

function rooted(pattern: string, folder: string): string {
  const home = pattern === '~' || pattern.startsWith('~/') ? join(homedir(), pattern.slice(1)) : pattern
  return resolve(folder, home)
}

function fixedPart(pattern: string): string {
  const parts = pattern.split(sep)
  const wild = parts.findIndex((part) => /[*?[]/.test(part))
  return wild === -1 ? pattern : parts.slice(0, wild).join(sep) || sep
}

function inside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** Files below a path, links followed; the path itself when it is a file. */
function walk(path: string, hidden: boolean, above: readonly string[] = []): string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return []
  if (!hidden && basename(path).startsWith('.')) return []
  if (!stats.isDirectory()) return [path]
  const key = `${stats.dev}:${stats.ino}`
  // A link back to a folder above would never end.
  if (above.includes(key)) return []
  return readdirSync(path).flatMap((name) => walk(join(path, name), hidden, [...above, key]))
}

/** The pattern and everything below what it matches. */
function expression(pattern: string): RegExp {
  const parts = pattern.replaceAll('\\', '/').split('/')
  const source = parts
    .map((part, index) => {
      const last = index === parts.length - 1
      if (part === '**') return last ? '.*' : '(?:.*/)?'
      return segment(part) + (last ? '' : '/')
    })
    .join('')
  return new RegExp(`^${source}(?:/.*)?$`, process.platform === 'win32' ? 'si' : 's')
}

function segment(part: string): string {
  return part.replaceAll(/\*+|\?|\[!?[^\]]+\]|[.+^${}()|[\]\\]/g, (token) => {
    if (token.startsWith('*')) return '[^/]*'
    if (token === '?') return '[^/]'
    if (token.length > 1) return token.startsWith('[!') ? `[^${token.slice(2)}` : token
    return `\\${token}`
  })
}
