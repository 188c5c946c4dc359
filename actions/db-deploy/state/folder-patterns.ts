import { readdirSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'

/**
 * The folders that a path names: itself, or with `*` in its parts every folder whose name fits, sorted by name, as in
 * `deps/NAME/priv/repo/migrations` with `*` for NAME. Symbolic links are followed: Mix makes them.
 * @param folder absolute, what a relative path is relative to
 * @returns absolute paths; none where nothing is there
 */
export function foldersOf(pattern: string, folder: string): readonly string[] {
  const parts = resolve(folder, pattern.replaceAll('\\', '/')).split(/[/\\]/)
  const plain = parts.findIndex((part) => part.includes('*'))
  if (plain === -1) return [parts.join('/')].filter(isFolder)
  let found = [parts.slice(0, plain).join('/') || '/']
  for (const part of parts.slice(plain)) {
    found = part.includes('*')
      ? found.flatMap((place) => namesIn(place, part))
      : found.map((place) => join(place, part))
  }
  return found.filter(isFolder)
}

/** Relative with `/` where it lies in the folder, else absolute. */
export function shownPath(path: string, folder: string): string {
  const below = relative(folder, path)
  if (below === '') return '.'
  return below.startsWith('..') || isAbsolute(below) ? path : below.replaceAll('\\', '/')
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** A name that begins with a dot fits only a pattern that does, too. */
function namesIn(place: string, part: string): readonly string[] {
  if (!isFolder(place)) return []
  const literal = part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
  const fits = new RegExp(`^${literal.replaceAll(/\*+/g, '.*')}$`)
  return readdirSync(place)
    .filter((name) => fits.test(name) && (part.startsWith('.') || !name.startsWith('.')))
    .toSorted()
    .map((name) => join(place, name))
    .filter(isFolder)
}
