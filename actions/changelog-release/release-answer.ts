import { githubMessage, githubProblem, type GithubAnswer } from '../shared/github.ts'
import type { Problem } from '../shared/problem.ts'

/** What GitHub says in words only, and what to do about it. First match wins. */
const meanings: readonly { readonly says: RegExp; readonly code: string; readonly hint: string }[] = [
  {
    says: /was used by an immutable release/i,
    code: 'release-tag-burned',
    hint: 'An immutable release had this tag once, and GitHub never gives such a tag out again, even after the release is deleted. Release the next version under a new tag.'
  },
  {
    says: /immutable release|release is immutable/i,
    code: 'release-immutable',
    hint: 'The release is immutable: its assets and tag can never change. Release the next version under a new tag.'
  },
  {
    says: /rule violations|pre_receive|creations being restricted/i,
    code: 'release-tag-rule',
    hint: 'A tag rule of the repository keeps this token from making the tag. Push the tag before this job runs, or let the job’s token bypass the rule (Settings → Rules).'
  },
  {
    says: /not accessible by integration/i,
    code: 'github-permission',
    hint: 'Give the job `permissions: contents: write`. If it has that: the tag’s commit changes .github/workflows, and then the tag must exist before the release is made; push it first.'
  },
  {
    says: /body is too long/i,
    code: 'notes-too-long',
    hint: 'Shorten the section in the changelog.'
  },
  {
    says: /file_count|limited to 1000 assets/i,
    code: 'assets-too-many',
    hint: 'A release can have 1,000 assets. Delete old ones on the release page, or pack files into archives.'
  },
  {
    says: /not a valid tag|not well-formed|must have a valid tag/i,
    code: 'release-tag-invalid',
    hint: 'Push the tag first, and check the input `tag`.'
  },
  {
    says: /tag_name already_exists|already_exists tag_name|already_exists.*tag_name/i,
    code: 'release-exists',
    hint: 'Another job published a release of this tag at the same time. Run this job again: it will find that release and add what is missing.'
  }
]

/**
 * The problem behind an answer that was not expected: the meanings that releases have, else those of any answer.
 * @param doing such as `POST /repos/o/r/releases`
 */
export function releaseProblem(answer: GithubAnswer, doing: string): Problem {
  const general = githubProblem(answer, doing)
  if (general.code === 'github-rate-limit') return general
  const message = githubMessage(answer)
  const meaning = meanings.find(({ says }) => says.test(message))
  return meaning === undefined ? general : { ...general, code: meaning.code, hint: meaning.hint }
}
