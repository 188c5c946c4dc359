import type { Problem } from '../../shared/problem.ts'

/** @param name the package, or what is known of it */
export function missingKey(name: string): Problem {
  return {
    code: 'api-key-missing',
    message: `There is no key to publish ${name} with: input api-key is missing or empty.`,
    hint: 'Make a key in the dashboard of hex.pm (Keys; permission "API, write", or the package alone where it exists), store it as the secret HEX_API_KEY, and give `api-key: ${{ secrets.HEX_API_KEY }}`. Secrets of an environment need `environment:` on the job; pull requests from forks get none.'
  }
}
