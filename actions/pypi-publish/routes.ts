import type { Problem } from '../shared/problem.ts'
import type { Channel } from '../shared/release-tag.ts'
import { knownIndexes, type KnownIndex } from './package-index.ts'

/** Which index the versions of a channel go to. A channel that is absent goes nowhere. */
export type Routes = ReadonlyMap<Channel, KnownIndex>

export const channels = ['dev', 'alpha', 'beta', 'rc', 'stable', 'post'] as const satisfies readonly Channel[]

/** Pre-releases that are not yet candidates are tried on TestPyPI; all that people install by default is on PyPI. */
export const defaultRoutes = ['dev, alpha, beta: testpypi', 'rc, stable, post: pypi'] as const

/**
 * Reads lines such as `dev, alpha, beta: testpypi`.
 * @returns the routes, with every problem in them
 */
export function parseRoutes(lines: readonly string[]): {
  readonly routes: Routes
  readonly problems: readonly Problem[]
} {
  const routes = new Map<Channel, KnownIndex>()
  const problems: Problem[] = []
  const reject = (line: string, what: string, hint: string): void => {
    problems.push({ code: 'routes', message: `Input routes has the line ${JSON.stringify(line)}: ${what}.`, hint })
  }
  for (const line of lines) {
    const [names = '', target = '', ...rest] = line.split(':').map((part) => part.trim())
    const index = isKnownIndex(target) ? target : undefined
    if (rest.length > 0 || target === '' || names === '') {
      reject(line, 'it is not of the form "channels: index"', 'Write lines such as "dev, alpha, beta: testpypi".')
      continue
    }
    if (index === undefined) {
      reject(line, `"${target}" is no index`, 'Route to pypi or testpypi. For another index use the input `index`.')
      continue
    }
    for (const name of names.split(',').map((each) => each.trim())) {
      const channel = channels.find((each) => each === name)
      if (channel === undefined) reject(line, `"${name}" is no channel`, `The channels are ${channels.join(', ')}.`)
      else if (routes.has(channel)) reject(line, `${channel} is routed twice`, 'Name every channel once.')
      else routes.set(channel, index)
    }
  }
  return { routes, problems }
}

export function isKnownIndex(text: string): text is KnownIndex {
  return Object.hasOwn(knownIndexes, text)
}
