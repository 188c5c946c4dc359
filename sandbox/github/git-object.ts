import { createHash } from 'node:crypto'

/** SHA-1 of a git object: header `type size NUL`, then the content. */
export function gitObjectId(type: 'blob' | 'tree' | 'commit' | 'tag', content: Buffer): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex')
}
