import type { Clock } from '../shared/clock.ts'
import type { Problem } from '../shared/problem.ts'
import type { Destination } from './inputs.ts'
import { lookUntil } from './lag.ts'
import type { Releases } from './releases.ts'

/**
 * The tag as GitHub has it now: the object the ref names and, for an annotated tag, the commit it leads to. Looked for
 * again while it is not as expected, for reads lag behind a push.
 *
 * @returns SHAs, the commit last; none where GitHub has no such tag
 */
export function readTag(releases: Releases, destination: Destination, clock: Clock): Promise<readonly string[]> {
  return lookUntil(
    clock,
    () => releases.tagObjects(destination.tag.raw),
    (objects) => tagProblems(destination, objects).length === 0
  )
}

/**
 * GitHub makes a missing tag itself when a release is published, on the default branch: so the tag must be there. And
 * where the run was started by the tag, it must still be at the commit that was built.
 */
export function tagProblems({ repository, tag, pushedCommit }: Destination, objects: readonly string[]): Problem[] {
  if (objects.length === 0) {
    return [
      {
        code: 'tag-not-on-github',
        message: `${repository} has no tag ${tag.raw}.`,
        hint: `Push it first (git push origin ${JSON.stringify(tag.raw)}): GitHub would otherwise make the tag on the default branch, whatever is there.`
      }
    ]
  }
  // Some tools set GITHUB_SHA to the tag object; GitHub itself to the commit.
  if (pushedCommit === undefined || objects.includes(pushedCommit)) return []
  return [
    {
      code: 'tag-moved',
      message: `The tag ${tag.raw} is at ${objects.at(-1) ?? ''} now; this run was started for ${pushedCommit}.`,
      hint: 'Somebody moved the tag after the run was started. Start a run for the commit the tag is at now, or release the next version under a new tag.'
    }
  ]
}
