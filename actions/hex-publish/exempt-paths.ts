/** Characters of all globs together that are looked at: no package comes near it, and matching stays cheap. */
const mostCharacters = 10_000

/**
 * The globs of `secret_scan: [ignore: …]` as hex.pm documents them: `*` matches within a part of a path, `**` across
 * parts, `?` one character that is no slash; anything else is itself. They come with the package, so they are matched
 * in time that grows with glob times path, whatever they are, and never stop a run. What is beyond the limit exempts
 * nothing.
 * @see https://hex.pm/docs/publish
 */
export function exemptPaths(globs: readonly string[]): (path: string) => boolean {
  const taken: (readonly Step[])[] = []
  let characters = 0
  for (const glob of globs) {
    characters += glob.length
    if (characters > mostCharacters) break
    taken.push(stepsOf(glob))
  }
  return (path) => taken.some((steps) => matches(steps, path))
}

/** `enter` is in front of `folders`, which is `**` with its slash, and may also match nothing at all. */
type Step =
  | { readonly kind: 'within' | 'across' | 'enter' | 'folders' | 'any' }
  | { readonly kind: 'character'; readonly text: string }

function stepsOf(glob: string): Step[] {
  return Array.from(glob.matchAll(/(?<=^|\/)\*\*\/|\*\*|[^]/gu)).flatMap(([text]): Step[] => {
    if (text === '**/') return [{ kind: 'enter' }, { kind: 'folders' }]
    if (text === '**') return [{ kind: 'across' }]
    if (text === '*') return [{ kind: 'within' }]
    return [text === '?' ? { kind: 'any' } : { kind: 'character', text }]
  })
}

/** Follows all ways through the glob at once: `states` has a 1 for each step that the next character may be of. */
function matches(steps: readonly Step[], path: string): boolean {
  let states = new Uint8Array(steps.length + 1)
  let next = new Uint8Array(steps.length + 1)
  states[0] = 1
  skip(steps, states)
  for (const character of path) {
    next.fill(0)
    steps.forEach((step, at) => {
      if (states[at] === 0) return
      if (stays(step, character)) next[at] = 1
      if (passes(step, character)) next[at + 1] = 1
    })
    if (!next.includes(1)) return false
    skip(steps, next)
    ;[states, next] = [next, states]
  }
  return states[steps.length] === 1
}

/** Adds the states behind what may match nothing. */
function skip(steps: readonly Step[], states: Uint8Array): void {
  steps.forEach(({ kind }, at) => {
    if (states[at] === 0) return
    if (kind === 'within' || kind === 'across' || kind === 'enter') states[at + 1] = 1
    if (kind === 'enter') states[at + 2] = 1
  })
}

function stays({ kind }: Step, character: string): boolean {
  return kind === 'across' || kind === 'folders' || (kind === 'within' && character !== '/')
}

function passes(step: Step, character: string): boolean {
  if (step.kind === 'character') return step.text === character
  return step.kind === 'any' ? character !== '/' : step.kind === 'folders' && character === '/'
}
