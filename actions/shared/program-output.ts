import { StringDecoder } from 'node:string_decoder'
import { stripVTControlCharacters } from 'node:util'
import type { Secrets } from './secrets.ts'

/** What a program says, as lines of plain text. */
export interface OutputLines {
  /** Takes the pieces of one stream. */
  take(stream: 'output' | 'error'): (piece: Buffer) => void
  /** Tells the lines that no line end came for, and gives the ends of all that was told and of the error stream. */
  end(): { readonly output: string; readonly errorOutput: string }
}

/** Characters; more of one line are left out. */
const longestLine = 4_096
/** Characters of a line that are held, so that a secret is found whole before the line is cut. */
const longestHeld = 4 * longestLine
/** Characters, about 64 KiB. */
const longestTail = 65_536

/**
 * Cuts what a program says into lines: a carriage return ends one too, as it does for the runner. Memory is bounded
 * whatever the program writes; control characters and secrets are taken out.
 *
 * @param tell gets each line that is not empty
 */
export function createOutputLines(secrets: Secrets, tell: (line: string) => void): OutputLines {
  const all = createTail()
  const errors = createTail()
  const open: (() => void)[] = []
  return {
    take(stream) {
      const decoder = new StringDecoder('utf8')
      let held = ''
      let dropped = 0
      /** Lines that came whole, without control characters: secrets are looked for in many at once. */
      let whole: string[] = []
      const hold = (text: string): void => {
        const kept = text.slice(0, longestHeld - held.length)
        held += kept
        dropped += text.length - kept.length
      }
      const say = (line: string, cut = 0): void => {
        // A secret that was cut when it was held is no longer found: its beginning is not told either.
        const readable = cut === 0 ? line.length : Math.max(0, line.length - longestLine)
        const told = line.slice(0, Math.min(longestLine, readable))
        const more = cut + line.length - told.length
        const shown = more > 0 ? `${told}… (${more} more characters)` : told
        if (shown === '') return
        tell(shown)
        all.add(shown)
        if (stream === 'error') errors.add(shown)
      }
      const sayWhole = (): void => {
        if (whole.length === 0) return
        for (const line of secrets.redact(whole.join('\n')).split('\n')) say(line.trimEnd())
        whole = []
      }
      const finish = (): void => {
        const text = plain(held)
        if (dropped === 0) {
          whole.push(text)
        } else {
          sayWhole()
          say(secrets.redact(text), dropped)
        }
        held = ''
        dropped = 0
      }
      open.push(() => {
        finish()
        sayWhole()
      })
      return (piece) => {
        const [first = '', ...rest] = decoder.write(piece).split(/[\r\n]/)
        hold(first)
        for (const text of rest) {
          finish()
          hold(text)
        }
        sayWhole()
      }
    },
    end() {
      for (const finish of open) finish()
      return { output: all.text(), errorOutput: errors.text() }
    }
  }
}

/** Lines that may wait to be taken away together: taking away each from the front of many would be slow. */
const mostForgotten = 10_000

/** The last lines, as many as fit. */
function createTail(): { add(line: string): void; text(): string } {
  let lines: string[] = []
  let forgotten = 0
  let length = 0
  return {
    add(line) {
      lines.push(line)
      length += line.length + 1
      while (length > longestTail) length -= (lines[forgotten++] ?? '').length + 1
      if (forgotten < mostForgotten) return
      lines = lines.slice(forgotten)
      forgotten = 0
    },
    text: () => lines.slice(forgotten).join('\n')
  }
}

/** Without colours and other control sequences, which a log neither needs nor always survives. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it is about
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}
