import { longestText, type Statement } from '../../shared/migrations/migration.ts'
import { plainName, type Lookup, type NameChange } from './lookup.ts'

/** What the catalog's answer to one lookup is worth, as others of the migration may be about the same names. */
export interface Proof {
  /** That it is so now proves that the statement ran: before the migration, and before the statement, it was not so. */
  readonly provesDone: boolean
  /** That it is not so now proves that the statement did not run: nothing after it can have undone it. */
  readonly provesNotDone: boolean
  /** Nothing else of the migration takes its names away: what is there under them now is what the statement made. */
  readonly alone: boolean
}

/**
 * A migration may stop after any of its statements, and the catalog knows names only: in the usual swap (make the new one,
 * drop the old one, give the new one its name) what is there before the first statement and after the last is the same. So
 * an answer counts only where no other statement brings it about. Pure.
 *
 * @param schema where names without one are looked for
 * @returns of each lookup, in their order
 */
export function proofs(lookups: readonly Placed[], schema: string): readonly Proof[] {
  const plain = plainName(schema)
  const plainOf = lookups.map(({ names, within }) => ({
    names: names.map(({ name, becomes }) => ({ name: plain(name), becomes })),
    within: within.map(plain)
  }))
  const events = eventsOf(lookups, plainOf)
  return plainOf.map(({ names, within }, at) => {
    const others = (name: string): readonly Event[] => (events.get(name) ?? []).filter((event) => event.at !== at)
    const own = names.flatMap(({ name }) => others(name))
    const around = within.flatMap(others)
    // A table that is moved to where it is.
    const stays = new Set(names.map(({ name }) => name)).size < names.length
    const rule = names.every(({ becomes }) => becomes === 'gone') ? ofTaking : ofMaking
    return {
      provesDone: !stays && own.every((event) => event.at > at) && around.every((event) => rule.provesDone(event, at)),
      provesNotDone:
        !stays && own.every((event) => event.at < at) && around.every((event) => rule.provesNotDone(event, at)),
      alone:
        own.every(({ becomes }) => becomes === 'there') &&
        around.every((event) => event.at < at && event.becomes === 'there')
    }
  })
}

type Placed = Pick<Lookup, 'names' | 'within' | 'opaque'> & {
  readonly statement: Pick<Statement, 'text'>
  readonly elsewhere: boolean
}

interface Event {
  /** Which of the lookups does it. */
  readonly at: number
  readonly becomes: NameChange['becomes']
}

/**
 * What becomes of that which a part belongs to. A part that is looked for goes with it, and one of the same name may have
 * been in an earlier one of its name: what is made is missing after either. What is dropped is missing, too, where there was
 * nothing yet that it could be in.
 */
type Around = Readonly<Record<'provesDone' | 'provesNotDone', (event: Event, at: number) => boolean>>

const ofMaking: Around = {
  provesDone: (event, at) => event.at > at || event.becomes === 'there',
  provesNotDone: (event, at) => event.at < at
}

const ofTaking: Around = {
  provesDone: (event, at) => event.at > at,
  provesNotDone: (event, at) => event.at < at || event.becomes === 'gone'
}

/** By names: what each lookup does to it; what cannot be read may do anything to what it names. */
function eventsOf(
  lookups: readonly Placed[],
  plainOf: readonly Pick<Lookup, 'names' | 'within'>[]
): ReadonlyMap<string, readonly Event[]> {
  const events = new Map<string, Event[]>()
  const add = (name: string, event: Event): void => {
    events.set(name, [...(events.get(name) ?? []), event])
  }
  plainOf.forEach(({ names }, at) => {
    for (const { name, becomes } of names) add(name, { at, becomes })
  })
  const known = new Set(plainOf.flatMap(({ names, within }) => [...names.map(({ name }) => name), ...within]))
  lookups.forEach((lookup, at) => {
    for (const name of known) {
      if (!mayMean(lookup, plainOf[at], name)) continue
      add(name, { at, becomes: 'gone' })
      add(name, { at, becomes: 'there' })
    }
  })
  return events
}

/** Whether a lookup may also be about this name: one that cannot be read, and one whose names mean something unknown. */
function mayMean(
  { opaque, elsewhere, statement: { text } }: Placed,
  own: Pick<Lookup, 'names'> | undefined,
  name: string
): boolean {
  const last = lastPart(name)
  if (opaque === true) return text.length >= longestText || wordsOf(text).has(last.toLowerCase())
  return elsewhere && own?.names.some((each) => each.name !== name && lastPart(each.name) === last) === true
}

/** `email` of `column users.email`. */
function lastPart(name: string): string {
  return /[^. ]*$/.exec(name)?.[0] ?? name
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().split(/[^\p{L}\p{N}_$]+/u))
}
