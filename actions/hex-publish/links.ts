/** PATH_MAX of Linux. */
const longestTarget = 4096
/** Folders and links that one link may lead through. */
const mostSteps = 1000

/**
 * The path that a link leads to in the end, through other links; empty for the root of the package.
 * @param links every link of the package with its target
 * @returns `fault` in words that go on from "the link … "
 */
export function linkEnd(
  path: string,
  target: string,
  links: ReadonlyMap<string, string>
): string | { readonly fault: string } {
  const outside = { fault: 'leads out of the package' }
  if (target === '' || target.length > longestTarget) return { fault: 'has no target that a system takes' }
  if (/^(?:[/\\]|[A-Za-z]:)/.test(target) || target.includes('\\')) return outside
  // By its text alone as well, which is how hex_core looks at a link before what it points to is there.
  if (climbsOut(path, target)) return outside
  const place = path.split('/').slice(0, -1)
  const waiting = target.split('/').reverse()
  for (let steps = 0; waiting.length > 0; steps++) {
    if (steps > mostSteps) return { fault: 'leads through too many links, or in a circle' }
    const part = waiting.pop() ?? ''
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (place.pop() === undefined) return outside
      continue
    }
    place.push(part)
    const next = links.get(place.join('/'))
    if (next === undefined) continue
    if (next.startsWith('/') || next.length > longestTarget) return outside
    place.pop()
    waiting.push(...next.split('/').reverse())
  }
  return place.join('/')
}

function climbsOut(path: string, target: string): boolean {
  let depth = path.split('/').length - 1
  for (const part of target.split('/')) {
    if (part === '..') depth--
    else if (part !== '' && part !== '.') depth++
    if (depth < 0) return true
  }
  return false
}

/** More links to folders are looked at in no package. */
const mostFolderLinks = 100

/**
 * Whether links to folders make a tree without end: `lib/here -> .`. Erlang's filelib, with which hex.pm and Mix walk
 * through what they unpacked, follows them until the system stops it, and with two of them takes forever.
 * @param ends each link to a folder, with the folder
 * @returns what is wrong, in words
 */
export function circularLink(ends: ReadonlyMap<string, string>): string | undefined {
  if (ends.size > mostFolderLinks) return `it has more than ${mostFolderLinks} links to folders`
  const below = (folder: string): string[] =>
    [...ends.keys()].filter((path) => folder === '' || path.startsWith(`${folder}/`))
  const done = new Set<string>()
  const returns = (path: string, way: ReadonlySet<string>): boolean => {
    if (way.has(path)) return true
    if (done.has(path)) return false
    const onward = new Set([...way, path])
    const found = below(ends.get(path) ?? '').some((next) => returns(next, onward))
    done.add(path)
    return found
  }
  const circular = [...ends.keys()].find((path) => returns(path, new Set()))
  return circular === undefined
    ? undefined
    : `the link ${JSON.stringify(circular)} leads to a folder from which one comes back to it, which tools follow without end`
}
