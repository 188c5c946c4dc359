import { createHash } from 'node:crypto'
import { fail } from '../shared/problem.ts'
import type { Git } from './git.ts'

/** Gives the contents of a blob by git's id of it. Throws `ActionError` where they cannot be had. */
export type ReadBlob = (id: string) => Promise<Buffer>

/**
 * Reads blobs from the repository here, and what it lacks (a shallow or partial clone) from elsewhere. Each is read
 * once; what is asked for in one go is asked of git in one go.
 *
 * @param elsewhere undefined where there is nothing else to ask
 */
export function createContents(git: Git | undefined, elsewhere: ReadBlob | undefined): ReadBlob {
  const known = new Map<string, Promise<Buffer>>()
  const local = git === undefined ? undefined : inOneGo(git)
  const read = async (id: string): Promise<Buffer> => {
    const found = await local?.(id)
    if (found !== undefined) return found
    if (elsewhere !== undefined) return elsewhere(id)
    return fail({
      code: 'contents-unreadable',
      message: `The contents ${id} are not in this clone, and there is no token to ask GitHub for them.`,
      hint: 'Check out with `fetch-depth: 0` and without `filter`, or give `github-token`.'
    })
  }
  return (id) => {
    const before = known.get(id)
    if (before !== undefined) return before
    const reading = read(id)
    known.set(id, reading)
    return reading
  }
}

/** Git's id of a blob with these contents. */
export function blobId(contents: Buffer, format: 'sha1' | 'sha256'): string {
  return createHash(format).update(`blob ${contents.length}\0`).update(contents).digest('hex')
}

/** Ids asked for until the next turn of the event loop go to one process of git. */
function inOneGo(git: Git): (id: string) => Promise<Buffer | undefined> {
  let waiting: { readonly id: string; readonly give: (found: Buffer | undefined) => void }[] = []
  const ask = async (asked: typeof waiting): Promise<void> => {
    let found: ReadonlyMap<string, Buffer>
    try {
      found = await readBatch(git, [...new Set(asked.map(({ id }) => id))])
    } catch {
      // Nothing was read, and elsewhere is asked, or it is told.
      found = new Map()
    }
    for (const { id, give } of asked) give(found.get(id))
  }
  return (id) =>
    new Promise((resolve) => {
      if (waiting.length === 0) {
        setImmediate(() => {
          const asked = waiting
          waiting = []
          void ask(asked)
        })
      }
      waiting.push({ id, give: resolve })
    })
}

/** The blobs that are there. Of a partial clone git ends at the first that is not, and says nothing of the rest. */
async function readBatch(git: Git, ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>()
  let rest = ids
  while (rest.length > 0) {
    const { output } = await git.run(['cat-file', '--batch'], rest.map((id) => `${id}\n`).join(''))
    const told = readAnswers(output, found)
    // One that was not answered is passed over, so that this comes to an end.
    rest = rest.slice(told >= rest.length ? told : told + 1)
  }
  return found
}

/** `ID blob SIZE\nCONTENTS\n` or `ID missing\n`, one after the other. Gives how many there are. */
function readAnswers(output: Buffer, found: Map<string, Buffer>): number {
  let told = 0
  for (let at = 0; at < output.length; told++) {
    const end = output.indexOf(0x0a, at)
    if (end < 0) break
    const [id = '', kind, size] = output.toString('latin1', at, end).split(' ')
    at = end + 1
    if (size === undefined) continue
    const length = Number(size)
    if (at + length + 1 > output.length) break
    if (kind === 'blob') found.set(id, output.subarray(at, at + length))
    at += length + 1
  }
  return told
}
