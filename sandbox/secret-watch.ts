import type { IncomingHttpHeaders } from 'node:http'

/** Knows values that must not travel, and finds them in requests however they are wrapped. */
export interface SecretWatch {
  watch(name: string, value: string): void
  /** Names of the secrets that the request carries: in its address, any header, Basic credentials or body. */
  find(parts: { url: string; headers: IncomingHttpHeaders; body: Buffer }): string[]
  /** The text with every watched value, and everything that by its place is a credential, replaced by `***`. */
  redact(text: string): string
}

export function secretWatch(): SecretWatch {
  const values = new Map<string, Set<string>>()
  return {
    watch(name, value) {
      // An empty value is in everything.
      if (value === '') return
      const known = values.get(name) ?? new Set()
      values.set(name, known.add(value))
    },
    find({ url, headers, body }) {
      if (values.size === 0) return []
      const head = [
        url,
        ...Object.values(headers)
          .flatMap((value) => value ?? [])
          .flatMap(unwrapped)
      ].join('\n')
      return [...values]
        .filter(([, forms]) => [...forms].flatMap(spellings).some((form) => head.includes(form) || body.includes(form)))
        .map(([name]) => name)
    },
    redact(text) {
      const forms = [...values.values()].flatMap((known) => [...known].flatMap(spellings))
      const hidden = forms
        .sort((a, b) => b.length - a.length)
        .reduce((left, form) => left.replaceAll(form, '***'), text)
      return hidden.replace(/([?&](?:access_token|token|password|secret|sig)=)[^&#]*/gi, '$1***')
    }
  }
}

/** A header as sent, and what Basic credentials (RFC 7617) in it say. */
function unwrapped(header: string): string[] {
  const basic = /^Basic\s+(\S+)/i.exec(header)?.[1]
  return basic === undefined ? [header] : [header, Buffer.from(basic, 'base64').toString('utf8')]
}

/** A value as it stands in plain text, in JSON, in an address or form, and alone in base64. */
function spellings(value: string): string[] {
  return [
    ...new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      new URLSearchParams({ v: value }).toString().slice(2),
      Buffer.from(value).toString('base64')
    ])
  ]
}
