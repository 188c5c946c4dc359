/**
 * What must never be seen. The runner hides masked values in the log only; `redact` is for what it does not touch:
 * the job summary, the receipt, files.
 */
export interface Secrets {
  /** Masks the value from now on, with each of its lines and its encoded forms. Empty values are ignored. */
  add(value: string): void
  /** The text with every known secret replaced by `***`. */
  redact(text: string): string
}

/** Shorter pieces are no secrets and would hide ordinary words. */
const shortest = 4

/** @param mask tells the runner, as `core.setSecret` does */
export function createSecrets(mask: (value: string) => void): Secrets {
  const known = new Set<string>()
  return {
    add(value) {
      for (const form of forms(value)) {
        if (form.length < shortest || known.has(form)) continue
        known.add(form)
        mask(form)
      }
    },
    redact(text) {
      // Longest first, so that a secret that contains another leaves no rest.
      return [...known]
        .sort((a, b) => b.length - a.length)
        .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    }
  }
}

function forms(value: string): string[] {
  const trimmed = value.trim()
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim())
  return [trimmed, ...lines].flatMap((text) => [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString('base64'),
    JSON.stringify(text).slice(1, -1)
  ])
}
