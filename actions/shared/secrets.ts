import { code, text } from './summary.ts'

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

/**
 * Fewer characters cannot be hidden without hiding ordinary words: a password `demo` would blacken every file name it
 * stands in. Inputs that short are refused (inputs.ts).
 */
export const shortestSecret = 6

/** @param mask tells the runner, as `core.setSecret` does */
export function createSecrets(mask: (value: string) => void): Secrets {
  const masked = new Set<string>()
  const redacted = new Set<string>()
  return {
    add(value) {
      for (const form of forms(value)) {
        if (form.length < shortestSecret || masked.has(form)) continue
        masked.add(form)
        mask(form)
        // As the summary's builders write it: they escape, and so would hide it from a plain comparison.
        for (const shown of [form, text(form).markdown, code(form).markdown.slice(1, -1)]) redacted.add(shown)
      }
    },
    redact(whole) {
      // Longest first, so that a secret that contains another leaves no rest.
      return [...redacted]
        .sort((a, b) => b.length - a.length)
        .reduce((rest, secret) => rest.replaceAll(secret, '***'), whole)
    }
  }
}

function forms(value: string): string[] {
  const trimmed = value.trim()
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim())
  return [trimmed, ...lines].flatMap((plain) => [
    plain,
    encodeURIComponent(plain),
    Buffer.from(plain).toString('base64'),
    JSON.stringify(plain).slice(1, -1)
  ])
}
