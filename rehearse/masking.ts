/** Replaces values that must not be shown, and whatever a terminal would take for a command. */
export interface Mask {
  add(value: string): void
  /** The text with every value that was added replaced by `***`. */
  hide(text: string): string
}

/**
 * act masks what it prints as a message, but not the other fields of its JSON lines (a step's name holds the evaluated
 * `run:` text, the command `add-mask` its own argument), so everything is masked once more here.
 */
export function createMask(values: Iterable<string> = []): Mask {
  let hidden: string[] = []
  const mask: Mask = {
    add(value) {
      // A secret of several lines is printed line by line, so each of them is a secret; short ones are too common.
      const parts = [value, ...value.split(/\r?\n/).filter((line) => line.trim().length >= 4)]
      hidden = [...new Set([...hidden, ...parts.filter((part) => part.trim() !== '')])].toSorted(
        (a, b) => b.length - a.length
      )
    },
    hide: (text) => hidden.reduce((shown, value) => shown.replaceAll(value, '***'), text)
  }
  for (const value of values) mask.add(value)
  return mask
}

// Escape sequences first (CSI, OSC and other two-character ones), then whatever control characters are left.
const escape = String.fromCharCode(0x1b)
const bell = String.fromCharCode(7)
const escapes = new RegExp(
  [`${escape}\\[[0-?]*[ -/]*[@-~]`, `${escape}\\][^${bell}${escape}]*(?:${bell}|${escape}\\\\)?`, `${escape}.?`].join(
    '|'
  ),
  'gs'
)
const controls = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** One line that is safe to show: no escape sequences, no control characters, no direction marks. */
export function oneLine(text: string): string {
  return text
    .replaceAll(escapes, '')
    .replaceAll(/[\t\r\n]+/g, ' ')
    .replaceAll(controls, '\u{fffd}')
    .trim()
}

/** The same for a text of several lines. */
export function safeLines(text: string): string {
  return text
    .replaceAll(escapes, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.replaceAll('\t', '    ').replaceAll(controls, '\u{fffd}'))
    .join('\n')
}
