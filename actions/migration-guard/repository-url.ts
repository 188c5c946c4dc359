/**
 * `owner/name` in the address of a repository as git and Mix write it: `https://github.com/org/name.git`,
 * `git@github.com:org/name.git`, `ssh://git@github.com/org/name`.
 * @returns undefined for what has no owner and name at its end, such as a path
 */
export function repositoryIn(url: string): { readonly host: string; readonly repository: string } | undefined {
  const found =
    /^(?:(?:https?|ssh|git):\/\/(?:[^/@]*@)?(?<host>[^/:@]+)(?::\d+)?\/|(?:[^/@:]+@)(?<scpHost>[^/:@]+):\/?)(?<owner>[^/]+)\/(?<name>[^/]+?)(?:\.git)?\/?$/.exec(
      url
    )?.groups
  if (found === undefined) return undefined
  return { host: found['host'] ?? found['scpHost'] ?? '', repository: `${found['owner'] ?? ''}/${found['name'] ?? ''}` }
}
