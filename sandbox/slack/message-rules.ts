/**
 * The word with which Slack refuses a message, or undefined for one that it takes. Limits of Block Kit
 * (docs.slack.dev/reference/block-kit/blocks): a message beyond one of them is refused whole.
 */
export function refusalOfMessage(message: object): 'no_text' | 'invalid_blocks' | 'invalid_payload' | undefined {
  const { text, blocks, attachments } = fields(message)
  if (text !== undefined && typeof text !== 'string') return 'invalid_payload'
  if (blocks !== undefined) {
    if (!Array.isArray(blocks) || blocks.length > 50 || !blocks.every(isBlock)) return 'invalid_blocks'
    if (blocks.length > 0) return undefined
  }
  return (text === undefined || text === '') && attachments === undefined ? 'no_text' : undefined
}

function isBlock(block: unknown): boolean {
  const { type } = fields(block)
  return typeof type === 'string' && Object.hasOwn(blockRules, type) && blockRules[type]?.(fields(block)) === true
}

type Fields = Readonly<Record<string, unknown>>

/** The kinds of blocks that are known here, each with what it must be like. */
const blockRules: Readonly<Record<string, (block: Fields) => boolean>> = {
  header: ({ text }) => isText(text, 150, ['plain_text']),
  divider: () => true,
  section: ({ text, fields: list }) =>
    (text !== undefined || list !== undefined) &&
    (text === undefined || isText(text, 3_000)) &&
    (list === undefined || isList(list, 10, (field) => isText(field, 2_000))),
  context: ({ elements }) => isList(elements, 10, (element) => isText(element, 2_000)),
  actions: ({ elements }) => isList(elements, 25, isButton)
}

function isButton(element: unknown): boolean {
  const { type, text, url, action_id: id } = fields(element)
  return (
    type === 'button' &&
    isText(text, 75, ['plain_text']) &&
    (url === undefined || (typeof url === 'string' && url.length <= 3_000 && URL.canParse(url))) &&
    (id === undefined || (typeof id === 'string' && id.length <= 255))
  )
}

function isText(value: unknown, most: number, types: readonly string[] = ['plain_text', 'mrkdwn']): boolean {
  const { type, text, emoji, verbatim } = fields(value)
  return (
    typeof type === 'string' &&
    types.includes(type) &&
    typeof text === 'string' &&
    text.length > 0 &&
    text.length <= most &&
    // Each belongs to one of the two kinds.
    (emoji === undefined || type === 'plain_text') &&
    (verbatim === undefined || type === 'mrkdwn')
  )
}

function isList(value: unknown, most: number, each: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= most && value.every(each)
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}
