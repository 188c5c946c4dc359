import { escapes as elixirEscapes } from '../../hex/elixir-quotes.ts'
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
  const dedent = heredoc ? dedentBy(indentationOfEnd(source, node)) : undefined
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

interface Dedent {
  /** Something else than plain text stands here: the line has begun. */
  readonly inLine: () => void
  readonly lines: (written: string, start: number) => readonly Text[]
}

/** A heredoc's lines lose the indentation that its closing quotes have. */
function dedentBy(indentation: number): Dedent {
  let begun = false
  let toStrip = 0
  const lines = (written: string, start: number): readonly Text[] => {
    const texts: Text[] = []
    let at = 0
    if (!begun) {
      // The line of the opening quotes is no part of it.
      at = written.indexOf('\n') + 1
      begun = true
      toStrip = indentation
    }
    while (at < written.length) {
      for (; toStrip > 0 && (written[at] === ' ' || written[at] === '\t'); toStrip -= 1) at += 1
      const newline = written.indexOf('\n', at)
      const end = newline < 0 ? written.length : newline + 1
      if (end > at) texts.push(verbatimText(written.slice(at, end), start + at))
      toStrip = newline < 0 ? 0 : indentation
      at = end
    }
    return texts
  }
  const inLine = (): void => {
    toStrip = 0
    begun = true
  }
  return { inLine, lines }
}

function indentationOfEnd(source: string, node: Syntax): number {
  const close = source.lastIndexOf(node.token ?? '"""', node.end - 1)
  const line = source.lastIndexOf('\n', close) + 1
  return close - line
}

/** In files with CRLF the line's end behind a backslash begins with CR. */
const escapes: Readonly<Record<string, string>> = { ...elixirEscapes, '\r': '' }

function unescape(written: string): string {
  const code = /^\\[xu]\{?([0-9A-Fa-f]+)\}?$/.exec(written)?.[1]
  if (code !== undefined) {
    const point = Number.parseInt(code, 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : ''
  }
  const letter = written.slice(1, 2)
  return escapes[letter] ?? written.slice(1)
}
