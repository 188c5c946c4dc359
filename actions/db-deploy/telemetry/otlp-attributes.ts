/** A value as OTLP's JSON has it: whole numbers are strings of digits, as 64 bits do not fit into a number of JSON. */
export type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }

export interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

export type AttributeValue = string | boolean | number | readonly string[] | undefined

/** Turns names and values into attributes; what is not known is left out. Texts go through `redact`. */
export type Attributes = (values: Readonly<Record<string, AttributeValue>>) => readonly KeyValue[]

/** @param redact takes secrets out of a text */
export function attributesWith(redact: (text: string) => string): Attributes {
  const valueOf = (value: Exclude<AttributeValue, undefined>): AnyValue => {
    if (typeof value === 'string') return { stringValue: redact(value) }
    if (typeof value === 'boolean') return { boolValue: value }
    if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
    return { arrayValue: { values: value.map((each) => ({ stringValue: redact(each) })) } }
  }
  return (values) =>
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: valueOf(value) }]))
}

/** Nanoseconds since the epoch, as digits. */
export function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds)) * 1_000_000n)
}
