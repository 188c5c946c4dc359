import { visible } from '../../shared/summary.ts'

/**
 * Text as Slack shows it, and at most `most` characters of what is sent. `&`, `<` and `>` are its control characters
 * (docs.slack.dev, "Formatting message text"): with them escaped no text can mention a channel or hide an address.
 */
export function fitted(text: string, most: number): string {
  const whole = escaped(text)
  if (whole.length <= most) return whole
  let cut = ''
  for (const character of visible(text)) {
    const next = escaped(character)
    if (cut.length + next.length > most - 1) break
    cut += next
  }
  return `${cut}…`
}

/** A fenced block, at most `most` characters with its fences. */
export function slackCode(text: string, most: number): string {
  const fence = '```'
  // No escape is known for a fence within a fence.
  return `${fence}${fitted(text.replaceAll(fence, "'''"), most - 2 * fence.length)}${fence}`
}

/** A link, or only its label where there is no address. */
export function slackLink(url: string | undefined, label: string): string {
  if (url === undefined || !URL.canParse(url)) return fitted(label, 500)
  return `<${new URL(url).href.replaceAll('|', '%7C').replaceAll('>', '%3E')}|${fitted(label, 500)}>`
}

function escaped(text: string): string {
  return visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
