import type { InputReader } from './inputs.ts'
import { parseReleaseTag, type ReleaseTag } from './release-tag.ts'
import { pushedTag, type RunContext } from './run-context.ts'

/**
 * The release's tag: the input `tag`, or the tag that was pushed, read with `tag-prefix`. What is wrong with it goes
 * to the reader; the result is then `undefined`.
 */
export function readReleaseTag(reader: InputReader, context: RunContext): ReleaseTag | undefined {
  const read = parseReleaseTag(reader.text('tag') ?? pushedTag(context) ?? '', { prefix: reader.text('tag-prefix') })
  if ('tag' in read) return read.tag
  for (const problem of read.problems) reader.reject(problem)
  return undefined
}
