/** Bytes that are no protocol buffer, or not of the expected message. */
export class ProtobufFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ProtobufFault'
  }
}

/** One field as it stands on the wire (protobuf.dev/programming-guides/encoding). */
export type WireField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly number: number; readonly kind: 'fixed'; readonly bytes: Buffer }

/**
 * Reads a message's fields in their order; the caller takes those that it knows.
 * @throws {ProtobufFault} for anything that a message cannot be
 */
export function readFields(message: Buffer): readonly WireField[] {
  const fields: WireField[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++]
      if (byte === undefined) throw new ProtobufFault('it ends within a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new ProtobufFault('a number has more than ten bytes')
  }
  const take = (length: bigint): Buffer => {
    if (length > BigInt(message.length - at)) throw new ProtobufFault('it ends within a field')
    const start = at
    at += Number(length)
    return message.subarray(start, at)
  }

  while (at < message.length) {
    if (fields.length === mostFields) throw new ProtobufFault(`it has more than ${mostFields} fields`)
    const tag = varint()
    const number = Number(tag >> 3n)
    if (number === 0 || number > largestNumber) throw new ProtobufFault(`a field has the number ${number}`)
    switch (tag & 7n) {
      case 0n:
        fields.push({ number, kind: 'varint', value: varint() })
        break
      case 1n:
        fields.push({ number, kind: 'fixed', bytes: take(8n) })
        break
      case 2n:
        fields.push({ number, kind: 'bytes', bytes: take(varint()) })
        break
      case 5n:
        fields.push({ number, kind: 'fixed', bytes: take(4n) })
        break
      default:
        // 3 and 4 are groups, which Hex does not use; 6 and 7 are nothing.
        throw new ProtobufFault(`a field is of the unknown kind ${tag & 7n}`)
    }
  }
  return fields
}

const largestNumber = 536_870_911

/** Of one message. A package has as many fields as releases; small bytes could else become gigabytes of fields. */
const mostFields = 100_000

/** The last field of this number as bytes, as protocol buffers read a field that should stand once. */
export function bytesOf(fields: readonly WireField[], number: number): Buffer | undefined {
  const field = fields.findLast((each) => each.number === number)
  if (field === undefined) return undefined
  if (field.kind !== 'bytes') throw new ProtobufFault(`field ${number} is no bytes`)
  return field.bytes
}

export function textOf(fields: readonly WireField[], number: number): string | undefined {
  const bytes = bytesOf(fields, number)
  if (bytes === undefined) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ProtobufFault(`field ${number} is no UTF-8 text`)
  }
}

export function numberOf(fields: readonly WireField[], number: number): number | undefined {
  const field = fields.findLast((each) => each.number === number)
  if (field === undefined) return undefined
  if (field.kind !== 'varint') throw new ProtobufFault(`field ${number} is no number`)
  return Number(BigInt.asIntN(64, field.value))
}

/** Every message under this number. */
export function messagesOf(fields: readonly WireField[], number: number): readonly (readonly WireField[])[] {
  return fields.flatMap((field) => {
    if (field.number !== number) return []
    if (field.kind !== 'bytes') throw new ProtobufFault(`field ${number} is no message`)
    return [readFields(field.bytes)]
  })
}
