import { githubProblem, type Github, type GithubAnswer } from './github.ts'
import { ActionError, fail, type Problem } from './problem.ts'

/** How a run reaches GitHub. */
export interface GithubAccess {
  /** With the job's own token, or the one it was given. */
  readonly github: Github
  /** With a token that can read the members of teams, where one was given. The job's own never can. */
  readonly teams: Github | undefined
  /** `owner/name` */
  readonly repository: string
}

/**
 * What a job writes under `permissions:` to be allowed a request (docs.github.com, "Permissions required for GitHub
 * Apps"). A job that names any has none of those that it does not name.
 */
export type Permission =
  | 'contents: read'
  | 'pull-requests: read'
  | 'pull-requests: write'
  | 'statuses: read'
  | 'statuses: write'
  | 'actions: read'
  | 'actions: write'

/** The problem behind an unexpected answer, with the permission that this request needs. */
export function refusedProblem(answer: GithubAnswer, doing: string, permission: Permission): Problem {
  return withPermission(githubProblem(answer, doing), permission)
}

/** An answer with status 200. @throws {ActionError} for any other */
export async function read(github: Github, path: string, permission: Permission): Promise<unknown> {
  const answer = await github.get(path)
  return answer.status === 200 ? answer.body : fail(refusedProblem(answer, `GET ${path}`, permission))
}

/** All pages of a list, at most `limit` elements. @throws {ActionError} where a page cannot be read */
export async function readList(
  github: Github,
  path: string,
  permission: Permission,
  limit?: number
): Promise<readonly unknown[]> {
  try {
    return await github.list(path, limit)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    throw new ActionError(
      error.problems.map((problem) => withPermission(problem, permission)),
      { cause: error }
    )
  }
}

function withPermission(problem: Problem, permission: Permission): Problem {
  if (problem.code === 'github-forbidden') {
    // Any other 403 says in words what it is for: a locked conversation, an archived repository.
    const isPermission = /not accessible|must have|permission/i.test(problem.message)
    const hint = isPermission
      ? `The token may not do this. Give the job \`permissions: ${permission}\`.`
      : `GitHub refuses it for the reason it gives. Mend that; if it gives none, see that the job has \`permissions: ${permission}\`.`
    return { ...problem, hint }
  }
  if (problem.code === 'github-not-found') {
    const hint = `Check the repository’s name, and that the token can see it: GitHub answers 404 also where a permission is missing (\`permissions: ${permission}\`).`
    return { ...problem, hint }
  }
  return problem
}
