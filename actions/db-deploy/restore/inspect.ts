export interface RestoreFacts {
  /** Of the database that is to be restored. */
  readonly database: string
}
