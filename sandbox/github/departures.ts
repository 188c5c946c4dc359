/** Where an answer of the sandbox is not what GitHub's OpenAPI description says, on purpose. */
export interface Departure {
  /** What differs. */
  readonly what: string
  readonly described: string
  readonly ours: string
  readonly source: string
  /** The complaint of a validator that this departure explains. */
  readonly excuses: {
    /** `operationId`, or `METHOD host` for what the description lacks. */
    readonly operation?: string
    readonly status?: number
    /** Name of the body's property, or of the response's media type. */
    readonly property?: string
    readonly complaint:
      | 'enum'
      | 'type'
      | 'additionalProperties'
      | 'undescribed operation'
      | 'undescribed status'
      | 'undescribed media type'
      | 'not JSON'
  }
}

/**
 * The only departures from `@octokit/openapi` (api.github.com). The conformance suite validates every answer against
 * the description, lets nothing pass that is not excused here, and fails when a row excuses nothing.
 */
export const departures: readonly Departure[] = [
  {
    what: 'State of an asset whose upload failed half-way',
    described: '`state` is `uploaded` or `open`',
    ours: '`starter`, size 0, `digest: null`; the name is taken until the asset is deleted',
    source: 'text of upload-release-asset in the same description; softprops/action-gh-release#187',
    excuses: { property: 'state', complaint: 'enum' }
  },
  {
    what: 'GraphQL',
    described: 'not described',
    ours: '`POST /graphql` with the part of the schema that release tools and guards of pull requests ask for',
    source: 'docs.github.com/graphql; cli/cli pkg/cmd/release',
    excuses: { operation: 'POST api.github.com/graphql', complaint: 'undescribed operation' }
  },
  {
    what: 'Pages and downloads of github.com',
    described: 'not described',
    ours: 'release pages, `releases/latest`, and download addresses that redirect to the storage host',
    source: 'docs.github.com/repositories/releasing-projects-on-github/linking-to-releases',
    excuses: { operation: 'GET github.com', complaint: 'undescribed operation' }
  },
  {
    what: 'Storage of assets',
    described: 'not described; get-release-asset lists a 302 without saying where to',
    ours: 'a signed address that holds for an hour; a request with an Authorization header is refused',
    source: 'rapid7/metakitty#30, robinraju/release-downloader#333, octokit/octokit.js#967',
    excuses: { operation: 'GET release-assets.githubusercontent.com', complaint: 'undescribed operation' }
  },
  {
    what: 'Raw file contents',
    described: 'get-content lists JSON and `application/vnd.github.object`',
    ours: 'the bytes, as `application/vnd.github.raw+json`, when the Accept header asks for it',
    source: 'docs.github.com/rest/repos/contents: custom media types',
    excuses: {
      operation: 'repos/get-content',
      property: 'application/vnd.github.raw+json',
      complaint: 'undescribed media type'
    }
  },
  {
    what: 'Head of a pull request whose fork was deleted',
    described: '`head.repo` is an object',
    ours: '`null`',
    source: 'nullable in the webhooks that octokit describes: @octokit/webhooks-types, PullRequest.head.repo',
    excuses: { property: 'repo', complaint: 'type' }
  },
  {
    what: 'A pull request as a diff',
    described: 'pulls/get lists JSON; the text names the media type `diff`',
    ours: 'what `git diff` prints, as `application/vnd.github.v3.diff`, when the Accept header asks for it',
    source: 'docs.github.com/rest/pulls/pulls#get-a-pull-request: custom media types',
    excuses: {
      operation: 'pulls/get',
      property: 'application/vnd.github.v3.diff',
      complaint: 'undescribed media type'
    }
  },
  {
    what: 'Conditional requests',
    described: '304 is listed for some reads only',
    ours: 'every read that is answered with 200 has an ETag, and 304 when the client has it already',
    source: 'docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api: conditional requests',
    excuses: { status: 304, complaint: 'undescribed status' }
  },
  {
    what: 'A request without User-Agent',
    described: 'not described',
    ours: '403 as text, before the token is looked at',
    source: 'docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent',
    excuses: { status: 403, complaint: 'not JSON' }
  },
  {
    what: 'Version of an Enterprise Server',
    described: 'GET /meta of api.github.com has no `installed_version`',
    ours: '`installed_version` at an address that is not github.com, for clients tell servers apart by it',
    source: 'docs.github.com/enterprise-server/rest/meta/meta',
    excuses: { operation: 'meta/get', property: 'installed_version', complaint: 'additionalProperties' }
  }
]

/** Behaviour that nothing public proves; the sandbox has to choose one, and this is the choice. */
export const assumptions: readonly { readonly question: string; readonly choice: string; readonly because: string }[] =
  [
    {
      question: 'Several drafts have the tag that GraphQL `release(tagName:)` asks for',
      choice: 'the published one first, else the newest draft',
      because: 'gh takes what it gets; no report says which it is'
    },
    {
      question: 'No release was made latest, and one was published with make_latest "false"',
      choice: 'it is never chosen; with no other stable release GET /releases/latest is 404',
      because: 'the description only says what "true" and "legacy" do'
    },
    {
      question: 'Wording when the tag or target of an immutable release is changed',
      choice: '`tag_name cannot be changed when release is immutable`, formed after the one for `state`',
      because: 'only `state cannot be changed when release is immutable` is reported (cameronrye/openzim-mcp#215)'
    },
    {
      question: 'Wording when an asset of an immutable release is renamed',
      choice: '`Cannot update asset from an immutable release`, formed after the one for deletion',
      because: 'only `Cannot delete asset from an immutable release` is reported (uutils/coreutils#13839)'
    },
    {
      question: 'Wording when the tag of an immutable release is moved or deleted',
      choice: '422 `Repository rule violations found … Cannot update this protected ref.`',
      because: 'reports say that a push is declined by repository rules, none shows the body of the API'
    },
    {
      question: 'Several things are wrong with an upload',
      choice: 'immutability first, then Content-Length, then Content-Type, then all fields at once',
      because: 'reports show one at a time'
    },
    {
      question: 'Label of an asset that was uploaded without one',
      choice: 'the empty string',
      because: 'what releases made through the API show; those made on the web page show null'
    },
    {
      question: '`base.sha` of an open pull request whose base has moved on',
      choice: 'the commit that the base had when the head was last pushed; files are compared with the base as it is',
      because: 'the documentation says neither; workflows are known to see an old `base.sha`'
    },
    {
      question: 'Whether two sides that changed other lines of one file can be merged',
      choice: 'no: a file that both changed, and not to the same, conflicts (`mergeable: false`)',
      because: 'a merge of lines is not what a guard asks about; real merges are made by git'
    },
    {
      question: 'When `mergeable` is known',
      choice: 'at once; `null` only for a closed pull request and in the event `opened`',
      because: 'GitHub computes it in the background, after a time that nothing promises'
    },
    {
      question: '`sha` of a tree that was asked for by branch or commit',
      choice: 'that of the tree',
      because: 'the description calls it the SHA of the tree; its examples ask by tree'
    },
    {
      question: 'Permission of a job for the activity of a branch, and for the merge queue of GraphQL',
      choice: '`contents: read`, and `pull-requests: read`',
      because: 'the texts of the description name none, and a job has no key for merge queues'
    },
    {
      question: 'Wording when a comment or a change request has no text, or a review is submitted twice',
      choice: "422 `Unprocessable Entity` with `Review body can't be blank`, `Can not submit a review twice`",
      because: 'the description lists the status; no report shows the sentences'
    },
    {
      question: 'Wording when failed jobs are to be run again and none has failed',
      choice: '403 `This workflow run cannot be retried`',
      because: 'reports show the sentence for runs that cannot be retried, without saying why they cannot'
    },
    {
      question: 'Scope of the limit on content creation',
      choice: 'every POST but GraphQL counts, uploads too: 80 a minute, 500 an hour',
      because: 'GitHub documents the two numbers and says that some endpoints have lower ones'
    }
  ]
