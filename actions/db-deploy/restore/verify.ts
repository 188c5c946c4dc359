export interface Restored {
  /** Where what was there before is kept; undefined where it was replaced. */
  readonly kept: string | undefined
}
