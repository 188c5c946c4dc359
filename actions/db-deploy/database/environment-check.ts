import { createGithub, githubMessage } from '../../shared/github.ts'
import { ActionError } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import type { Check } from '../check.ts'
import { counted } from '../counted.ts'
import { impatient } from '../impatient.ts'
import type { Inputs } from '../inputs.ts'

/**
 * Whether somebody has to approve what is deployed to production: the required reviewers of GitHub's environment, which
 * holds the job back before this action starts. Nothing is asked where it is not production.
 *
 * @returns one check at most; `not checked` where the token may not see it
 */
export async function environmentCheck(
  { production, context, githubToken }: Pick<Inputs, 'production' | 'context' | 'githubToken'>,
  world: Pick<World, 'http' | 'clock' | 'cancelled'>
): Promise<readonly Check[]> {
  if (!production.production) return []
  const check = { id: 'environment-reviewers', title: 'Required reviewers' }
  const { environment } = production
  const unchecked = (told: string, next: string): readonly Check[] => [{ ...check, told, result: 'not checked', next }]
  if (environment === '')
    return unchecked('no environment is named', 'Write `environment: production` into the step and the job.')
  if (githubToken === undefined || context.repository === undefined)
    return unchecked(
      'there is no token',
      'Give `github-token: ${{ github.token }}`, and the job `permissions: actions: read`.'
    )
  const { apiUrl, graphqlUrl, repository } = context
  const http = impatient(world, { timeout: patience, repeats: false }, 'GitHub was asked for required reviewers')
  const github = createGithub({ http, clock: world.clock, apiUrl, graphqlUrl, token: githubToken })
  try {
    const answer = await github.get(`/repos/${repository}/environments/${encodeURIComponent(environment)}`)
    if (answer.status === 200) return [reviewersCheck(check, environment, reviewersOf(answer.body))]
    return unchecked(
      `GitHub answered ${answer.status}${githubMessage(answer) === '' ? '' : `: ${githubMessage(answer)}`}`,
      answer.status === 404
        ? `Check that the repository has an environment ${environment}; where it has, give the job \`permissions: actions: read\`.`
        : 'Give the job `permissions: actions: read`.'
    )
  } catch (error) {
    if (!(error instanceof ActionError) || world.cancelled.aborted) throw error
    return unchecked(error.problems[0]?.message ?? 'GitHub did not answer', 'Run the step again when GitHub answers.')
  }
}

/** Milliseconds; one try: production waits for what is only to be told. */
const patience = 3_000

function reviewersCheck(check: Pick<Check, 'id' | 'title'>, environment: string, reviewers: number): Check {
  if (reviewers > 0)
    return {
      ...check,
      told: `${counted(reviewers, 'reviewer')} of ${environment}, one of whom must approve`,
      result: 'ok'
    }
  return {
    ...check,
    told: `${environment} has none`,
    result: 'warning',
    problem: {
      code: 'environment-unprotected',
      message: `The environment ${environment} has no required reviewers: whoever may start the workflow changes this database.`,
      hint: 'Add reviewers under Settings, Environments, and name the environment in the job (`environment: …`).'
    }
  }
}

/** docs.github.com, "Get an environment": `protection_rules[].reviewers` of the rule `required_reviewers`. */
function reviewersOf(body: unknown): number {
  if (typeof body !== 'object' || body === null || !('protection_rules' in body)) return 0
  const rules: unknown = body.protection_rules
  if (!Array.isArray(rules)) return 0
  return rules.reduce((count: number, rule: unknown) => {
    if (typeof rule !== 'object' || rule === null || !('type' in rule) || rule.type !== 'required_reviewers')
      return count
    return count + ('reviewers' in rule && Array.isArray(rule.reviewers) ? rule.reviewers.length : 0)
  }, 0)
}
