import type { Problem } from '../../shared/problem.ts'
import type { Difference } from '../record.ts'
import type { CommentPlan } from './difference-comment.ts'

/** What comparing found out, and where it is to be told. */
export interface CompareFacts {
  readonly difference: Difference
  /** What fails the run, the difference itself included where it is asked to. */
  readonly problems: readonly Problem[]
  /** Undefined outside of a pull request, or where nobody asked for a comment. */
  readonly comment: CommentPlan | undefined
}
