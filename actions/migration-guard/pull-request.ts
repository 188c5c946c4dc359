/** What GitHub says now of the pull request that is judged; never taken from an event that may be old. */
export interface PullRequest {
  readonly number: number
  readonly url: string
  readonly author: string
  readonly headSha: string
  readonly headRef: string
  /** `owner/name`; undefined where a fork was deleted. */
  readonly headRepository: string | undefined
  readonly fromFork: boolean
  readonly baseRef: string
  readonly labels: readonly string[]
  readonly approval: Approval
  readonly bypass: ReviewBypass
}

/** Whether allowed people have approved the head. */
export type Approval =
  | {
      readonly state: 'approved'
      readonly by: readonly string[]
      /** When the newest of them was given, ISO 8601. */
      readonly at?: string
    }
  /** `why` and `next` are sentences for a user: what is missing, and what to do. */
  | { readonly state: 'missing'; readonly why: string; readonly next: string }
  /** It could not be found out; counts as missing. */
  | { readonly state: 'unknown'; readonly why: string; readonly next: string }

/** Whether a review lets the change through. */
export type ReviewBypass =
  | { readonly state: 'none' }
  | {
      readonly state: 'granted'
      readonly by: string
      readonly reason: string
      /** YYYY-MM-DD, UTC, inclusive. */ readonly until: string
      readonly url: string
      /** When the review was submitted, ISO 8601. */
      readonly at?: string
    }
  /** Somebody tried; `why` says why it does not count. */
  | {
      readonly state: 'refused'
      readonly attempts: readonly { readonly by: string; readonly why: string; readonly url: string }[]
    }

/** Another pull request that is open, or waits in the merge queue, against the same branch. */
export interface OtherPull {
  readonly number: number
  readonly title: string
  readonly url: string
  readonly queued: boolean
  /** Files that it adds, with their blobs. */
  readonly added: readonly { readonly path: string; readonly blob: string }[]
}
