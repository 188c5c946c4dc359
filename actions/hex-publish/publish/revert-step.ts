import { code, details, fenced, line, type Markdown } from '../../shared/summary.ts'
import { releaseWindow } from '../release-window.ts'
import type { Facts } from './inspect.ts'
import type { ReleasePlan } from './plan.ts'
import type { ReleaseOutcome } from './report.ts'

/** Until when the release can be taken back, and the step that does it. Empty where it is not there, or no longer can be. */
export function revertBlocks(outcome: ReleaseOutcome): readonly Markdown[] {
  const { plan, facts } = outcome
  if (plan === undefined || facts === undefined || plan.release === 'untouched') return []
  const release = releaseOf(outcome, plan, facts)
  if (release === undefined) return []
  const window = releaseWindow({
    release,
    // The package is as old as its first release, where this is it.
    package: facts.remote?.package ?? release,
    organization: plan.pkg.organization,
    now: facts.now
  })
  if (!window.open)
    return [line(`It can no longer be reverted; a bad release is retired (`, code('mode: retire'), ').')]
  return [details(`How to take it back: ${window.why}`, fenced('yaml', revertStep(plan)))]
}

/** A run that failed after the release was taken has published it all the same; it is as old as the look before it. */
function releaseOf(
  outcome: ReleaseOutcome,
  { release }: ReleasePlan,
  { remote, now }: Facts
): { readonly insertedAt: number } | undefined {
  switch (outcome.status) {
    case 'planned':
      return undefined
    case 'published':
    case 'unchanged':
      return outcome.verified?.release ?? remote?.release
    case 'failed':
      if (release === 'unchanged' || (release === 'replace' && outcome.done.length > 0)) return remote?.release
      return outcome.done.length > 0 ? { insertedAt: now } : undefined
  }
}

/** The step as YAML. */
export function revertStep({ pkg, version }: Pick<ReleasePlan, 'pkg' | 'version'>): string {
  return [
    '- uses: org/release-actions/hex-publish@v1',
    '  with:',
    '    mode: revert',
    `    package: ${pkg.name}`,
    `    version: '${version}'`,
    `    confirm: '${version}'`,
    ...(pkg.organization === undefined ? [] : [`    organization: ${pkg.organization}`]),
    '    api-key: ${{ secrets.HEX_API_KEY }}'
  ].join('\n')
}
