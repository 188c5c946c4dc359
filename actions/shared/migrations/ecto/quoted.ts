import type { Syntax } from './syntax.ts'
import { joinTexts, textAt, verbatimText, type Text } from './text.ts'

/**
 * What a string, charlist, sigil or quoted atom says (Elixir's syntax reference, "Strings", "Sigils").
 * `interpolate` gives the text of a `#{…}`.
 */
export function quotedText(source: string, node: Syntax, interpolate: (interpolation: Syntax) => Text): Text {
  const heredoc = isHeredoc(node)
  const raw = isRawSigil(source, node)
  const texts: Text[] = []
  const dedent = heredoc ? new Dedent(indentationOfEnd(source, node)) : undefined
  for (const child of node.children) {
    const written = source.slice(child.start, child.end)
    if (child.type === 'quoted_content') {
      if (dedent === undefined) texts.push(verbatimText(written, child.start))
      else texts.push(...dedent.lines(written, child.start))
    } else if (child.type === 'escape_sequence') {
      dedent?.inLine()
      texts.push(textAt(raw ? written.slice(1) : unescape(written), child.start))
    } else if (child.type === 'interpolation') {
      dedent?.inLine()
      texts.push(interpolate(child))
    }
  }
  return joinTexts(texts)
}

export function isHeredoc(node: Syntax): boolean {
  return node.token === '"""' || node.token === "'''"
}

/** `~S`, `~SQL`: neither escapes nor interpolation. */
export function isRawSigil(source: string, node: Syntax): boolean {
  return node.type === 'sigil' && /[A-Z]/.test(source[node.start + 1] ?? '')
}

/** `s` of `~s(…)`; undefined where it is no sigil. */
export function sigilName(source: string, node: Syntax): string | undefined {
  const name = node.children[0]
  return node.type === 'sigil' && name?.type === 'sigil_name' ? source.slice(name.start, name.end) : undefined
}

/** A heredoc's lines lose the indentation that its closing quotes have. */
class Dedent {
  readonly #indentation: number
  #begun = false
  #toStrip = 0

  constructor(indentation: number) {
    this.#indentation = indentation
  }

  inLine(): void {
    this.#toStrip = 0
    this.#begun = true
  }

  lines(written: string, start: number): Text[] {
    const texts: Text[] = []
    let at = 0
    if (!this.#begun) {
      // The line of the opening quotes is no part of it.
      at = written.indexOf('\n') + 1
      this.#begun = true
      this.#toStrip = this.#indentation
    }
    while (at < written.length) {
      while (this.#toStrip > 0 && /[ \t]/.test(written[at] ?? '')) {
        at += 1
        this.#toStrip -= 1
      }
      this.#toStrip = 0
      const newline = written.indexOf('\n', at)
      const end = newline < 0 ? written.length : newline + 1
      if (end > at) texts.push(verbatimText(written.slice(at, end), start + at))
      if (newline >= 0) this.#toStrip = this.#indentation
      at = end
    }
    return texts
  }
}

function indentationOfEnd(source: string, node: Syntax): number {
  const close = source.lastIndexOf(node.token ?? '"""', node.end - 1)
  const line = source.lastIndexOf('\n', close) + 1
  return close - line
}

const escapes: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  d: '\x7f',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  s: ' ',
  t: '\t',
  v: '\v',
  // A line that ends in a backslash goes on in the next.
  '\n': '',
  '\r': ''
}

function unescape(written: string): string {
  const code = /^\\[xu]\{?([0-9A-Fa-f]+)\}?$/.exec(written)?.[1]
  if (code !== undefined) {
    const point = Number.parseInt(code, 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : ''
  }
  const letter = written.slice(1, 2)
  return escapes[letter] ?? written.slice(1)
}
