/** What the runner says about this run, read once from its environment. Absent values are `undefined`, never ''. */
export interface RunContext {
  readonly ref: string | undefined
  readonly sha: string | undefined
  /** `owner/name` */
  readonly repository: string | undefined
  readonly eventName: string | undefined
  /** The file with the event's payload as JSON. */
  readonly eventPath: string | undefined
  readonly actor: string | undefined
  readonly workflowRef: string | undefined
  readonly apiUrl: string
  readonly graphqlUrl: string
  readonly serverUrl: string
  readonly runId: string | undefined
  /** The run's page, where it is known. */
  readonly runUrl: string | undefined
  readonly workspace: string
  /** Folder for files that live as long as the job. */
  readonly temp: string
  /** Where the job may ask for an identity token; only jobs with `id-token: write` have it, never forks' pull requests. */
  readonly identity: { readonly requestUrl: string; readonly requestToken: string } | undefined
}

/** @param env the process's environment (docs.github.com: "Default environment variables") */
export function readRunContext(env: NodeJS.ProcessEnv): RunContext {
  const given = (name: string): string | undefined => env[name] || undefined
  const serverUrl = given('GITHUB_SERVER_URL') ?? 'https://github.com'
  const repository = given('GITHUB_REPOSITORY')
  const runId = given('GITHUB_RUN_ID')
  const requestUrl = given('ACTIONS_ID_TOKEN_REQUEST_URL')
  const requestToken = given('ACTIONS_ID_TOKEN_REQUEST_TOKEN')
  const apiUrl = given('GITHUB_API_URL') ?? 'https://api.github.com'
  return {
    ref: given('GITHUB_REF'),
    sha: given('GITHUB_SHA'),
    repository,
    eventName: given('GITHUB_EVENT_NAME'),
    eventPath: given('GITHUB_EVENT_PATH'),
    actor: given('GITHUB_ACTOR'),
    workflowRef: given('GITHUB_WORKFLOW_REF'),
    apiUrl,
    graphqlUrl: given('GITHUB_GRAPHQL_URL') ?? graphqlBeside(apiUrl),
    serverUrl,
    runId,
    runUrl:
      repository === undefined || runId === undefined ? undefined : `${serverUrl}/${repository}/actions/runs/${runId}`,
    workspace: given('GITHUB_WORKSPACE') ?? process.cwd(),
    temp: given('RUNNER_TEMP') ?? given('TMPDIR') ?? given('TEMP') ?? '/tmp',
    identity: requestUrl === undefined || requestToken === undefined ? undefined : { requestUrl, requestToken }
  }
}

/** `https://HOST/api/v3` has its GraphQL at `/api/graphql` (GHES), api.github.com at `/graphql`. */
function graphqlBeside(apiUrl: string): string {
  return apiUrl.endsWith('/api/v3') ? apiUrl.replace(/\/v3$/, '/graphql') : `${apiUrl}/graphql`
}

/** The tag that was pushed, when a tag started this run. */
export function pushedTag(context: RunContext): string | undefined {
  return context.ref?.startsWith('refs/tags/') === true ? context.ref.slice('refs/tags/'.length) : undefined
}
