/** A body that tells its own address, which the `Location` header of a 201 repeats. */
export interface Resource {
  readonly url: string
  readonly [field: string]: unknown
}
