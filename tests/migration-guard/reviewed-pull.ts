import type { Contributors } from '../../actions/migration-guard/pushers.ts'
import type { Review } from '../../actions/migration-guard/reviews.ts'
import type { People, Standing, StandingOf } from '../../actions/migration-guard/teams.ts'

export const head = 'a'.repeat(40)
export const older = 'b'.repeat(40)

let nextId = 1

/** A review of the head, a minute after the one made before it. */
export function review(login: string, state: Review['state'], more: Partial<Review> = {}): Review {
  const id = nextId++
  return {
    id,
    nodeId: `PRR_${id}`,
    by: { login, bot: login.endsWith('[bot]') },
    state,
    body: '',
    commit: head,
    at: new Date(Date.UTC(2026, 9, 1, 12, id)).toISOString(),
    url: `https://github.com/acme/core/pull/7#pullrequestreview-${id}`,
    ...more
  }
}

/** Teams by name with their members; a team that is not named here cannot be read. */
export function standingIn(
  teams: Readonly<Record<string, readonly string[]>> = {},
  writers: readonly string[] = []
): StandingOf {
  return ({ login, bot }, people: People): Promise<Standing> => {
    if (people.users.includes(login)) return Promise.resolve({ state: 'yes' })
    if (bot) return Promise.resolve({ state: 'no' })
    if (people.users.length + people.teams.length === 0) {
      return Promise.resolve({ state: writers.includes(login) ? 'yes' : 'no' })
    }
    const found = people.teams.map((team): Standing => {
      const members = teams[team]
      if (members === undefined) return { state: 'unknown', why: `${team} cannot be read.`, next: 'Give a token.' }
      return { state: members.includes(login) ? 'yes' : 'no' }
    })
    const state = found.find((each) => each.state === 'yes') ??
      found.find((each) => each.state === 'unknown') ?? { state: 'no' as const }
    return Promise.resolve(state)
  }
}

export function contributed(
  pushers: readonly string[],
  committers: readonly string[] = []
): () => Promise<Contributors> {
  return () => Promise.resolve({ state: 'known', pushers, committers })
}
