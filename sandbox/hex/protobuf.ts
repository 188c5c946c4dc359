/** Protocol Buffers, as much as the registry's messages need: varints, length-delimited fields, 32 and 64 bits to skip. */

/** A field with text, bytes or a message in it. */
export function bytesField(number: number, value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

/** A field with a number that is not negative, or a truth value. */
export function numberField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)])
}

/** A packed list of numbers; nothing when it is empty. */
export function packedField(number: number, values: readonly number[]): Buffer {
  return values.length === 0 ? Buffer.alloc(0) : bytesField(number, Buffer.concat(values.map(varint)))
}

export interface Field {
  readonly number: number
  /** `undefined` for a number. */
  readonly bytes?: Buffer
}

/** The fields of a message in order; `undefined` when the bytes are none. */
export function readFields(message: Buffer): readonly Field[] | undefined {
  const fields: Field[] = []
  for (let at = 0; at < message.length;) {
    const key = readVarint(message, at)
    if (key === undefined) return undefined
    at = key.end
    const number = Math.floor(key.value / 8)
    const type = key.value % 8
    const size = type === 1 ? 8 : type === 5 ? 4 : 0
    if (type === 0 || type === 2) {
      const value = readVarint(message, at)
      if (value === undefined) return undefined
      at = value.end
      if (type === 0) {
        fields.push({ number })
        continue
      }
      if (at + value.value > message.length) return undefined
      fields.push({ number, bytes: message.subarray(at, at + value.value) })
      at += value.value
    } else if (size > 0) {
      fields.push({ number })
      at += size
    } else return undefined
  }
  return fields
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return Buffer.from([...bytes, left])
}

function readVarint(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  for (let index = 0; index < 10; index += 1) {
    const byte = bytes[start + index]
    if (byte === undefined) return undefined
    value += (byte & 127) * 128 ** index
    if (byte < 128) return { value, end: start + index + 1 }
  }
  return undefined
}
