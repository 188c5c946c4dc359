/** Paths with what lies in them and above them, without a list of all folders: a package may have millions of these. */
export interface PathTree {
  /** Whether the path is one of them, or a folder that one lies in. */
  isThere(path: string): boolean
  /** Whether one of them lies in it. */
  isFolder(path: string): boolean
  /** The outermost of them that is the path or a folder it lies in. */
  outermost(path: string): string | undefined
}

/** @param paths canonical, without NUL */
export function pathTree(paths: Iterable<string>): PathTree {
  const keys = [...new Set(paths)].map(keyOf).sort()
  const tops: string[] = []
  for (const key of keys) {
    const top = tops.at(-1)
    if (top === undefined || !key.startsWith(`${top}\0`)) tops.push(key)
  }
  const isFolder = (path: string): boolean => {
    const inside = `${keyOf(path)}\0`
    return keys[firstFrom(keys, inside)]?.startsWith(inside) === true
  }
  return {
    isFolder,
    isThere(path) {
      const key = keyOf(path)
      return keys[firstFrom(keys, key)] === key || isFolder(path)
    },
    outermost(path) {
      const key = keyOf(path)
      const top = tops[firstFrom(tops, `${key}\0`) - 1]
      return top !== undefined && (top === key || key.startsWith(`${top}\0`)) ? top.replaceAll('\0', '/') : undefined
    }
  }
}

/** So that, sorted, what lies in a path follows it at once: nothing sorts before NUL. */
function keyOf(path: string): string {
  return path.replaceAll('/', '\0')
}

/** The index of the first key that is not before the given one. */
function firstFrom(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}
