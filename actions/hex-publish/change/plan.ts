import type { HexRetirement } from '../../shared/hex/hex-api.ts'
import type { Plan, Step } from '../../shared/phases.ts'
import type { Problem } from '../../shared/problem.ts'
import { isRetiredAs } from '../release-change.ts'
import type { Subject } from './inputs.ts'
import type { Facts } from './inspect.ts'

export interface ChangePlan extends Plan {
  /** The one step of such a run. */
  readonly step: Step
  /** Whether the package goes with the release, because it is its last one. */
  readonly deletesPackage: boolean
}

/** Decides whether the release is to be changed, or tells every problem at once. */
export function plan(
  inputs: { readonly dryRun: boolean },
  facts: Facts
): { plan: ChangePlan } | { problems: readonly Problem[] } {
  const { subject } = facts
  const unread = facts.problems.length > 0
  const step = unread ? undefined : facts.hidden ? unseenStep(subject) : stepOf(facts)
  // Who has nothing to write need not be allowed to.
  const writes = step?.kind === 'update'
  const problems = [
    ...facts.problems,
    ...checkConfirmation(subject),
    ...(step === undefined && !unread ? [facts.contradictory ? contradiction(facts) : releaseMissing(facts)] : []),
    ...(writes ? checkWindow(facts) : []),
    ...(writes || unread ? (facts.key?.problems ?? []) : checkSight(facts)),
    ...(writes && !inputs.dryRun ? checkCredential(facts) : [])
  ]
  if (problems.length > 0 || step === undefined) return { problems: unique(problems) }
  return { plan: { steps: [step], step, deletesPackage: writes && isLast(facts) } }
}

/** What is wrong with the key shows in the key's check and in every answer. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.toReversed().map((problem) => [problem.code, problem])).values()].toReversed()
}

/** What is to be done about the release that is there; `undefined` where there must be one and is none. */
function stepOf(facts: Facts): Step | undefined {
  const { subject, release } = facts
  const { change } = subject
  const target = nameOf(subject)
  if (release === undefined) {
    return change.mode === 'revert' && !facts.contradictory
      ? { kind: 'unchanged', target, wanted: 'gone', why: 'it is not there' }
      : undefined
  }
  const there = release.retirement === undefined ? 'not retired' : `retired: ${tell(release.retirement)}`
  switch (change.mode) {
    case 'retire': {
      const wanted = `retired: ${tell(change.retirement)}`
      if (release.retirement === undefined) {
        return { kind: 'update', target, there, wanted, why: 'it is not retired' }
      }
      return isRetiredAs(release, change.retirement)
        ? { kind: 'unchanged', target, there, wanted, why: 'it is retired with this reason and message' }
        : { kind: 'update', target, there, wanted, why: 'it is retired with another reason or message' }
    }
    case 'unretire':
      return release.retirement === undefined
        ? { kind: 'unchanged', target, there, wanted: 'not retired', why: 'it is not retired' }
        : { kind: 'update', target, there, wanted: 'not retired', why: 'it is retired' }
    case 'revert':
      return {
        kind: 'update',
        target,
        there: `checksum ${release.checksum}`,
        wanted: 'gone',
        why: isLast(facts)
          ? `it is the only release, so that the package ${subject.package.name} is deleted with it`
          : (facts.window?.why ?? 'Hex still allows it')
      }
  }
}

/** Without a key, Hex shows nothing of an organization's packages. */
function unseenStep(subject: Subject): Step {
  const { change } = subject
  const wanted = { retire: 'retired', unretire: 'not retired', revert: 'gone' }[change.mode]
  return {
    kind: 'update',
    target: nameOf(subject),
    there: 'not known without a key',
    wanted: change.mode === 'retire' ? `${wanted}: ${tell(change.retirement)}` : wanted,
    why: 'unless it is so already'
  }
}

/** `diwa_schema 0.1.0`, or `acme/diwa_schema 0.1.0`. */
export function nameOf({ package: { name, organization }, version }: Subject): string {
  return `${organization === undefined ? '' : `${organization}/`}${name} ${version}`
}

/** `security (fixed in 0.1.1)`. */
export function tell({ reason, message }: HexRetirement): string {
  return `${reason}${message === undefined ? '' : ` (${message})`}`
}

function isLast({ subject, release, package: found }: Facts): boolean {
  return subject.change.mode === 'revert' && release !== undefined && found?.releases.length === 1
}

function releaseMissing({ subject, package: found }: Facts): Problem {
  const versions = found?.releases.slice(0, 5).map(({ version }) => version) ?? []
  const there =
    found === undefined
      ? `there is no package ${subject.package.name}${subject.package.organization === undefined ? '' : ` in the organization ${subject.package.organization}`}`
      : `${subject.package.name} has ${versions.join(', ')}${found.releases.length > versions.length ? ' and older ones' : ''}`
  return {
    code: 'release-not-there',
    message: `Hex has no release ${nameOf(subject)} that could be ${subject.change.mode}d: ${there}.`,
    hint: 'Check the inputs package, version and organization. A release of an organization is shown only to a key that may read it.'
  }
}

function checkConfirmation({ change, version }: Subject): Problem[] {
  if (change.mode !== 'revert' || change.confirm === version) return []
  return [
    {
      code: 'revert-not-confirmed',
      message:
        change.confirm === undefined
          ? `Version ${version} is to be reverted, and input confirm is missing.`
          : `Version ${version} is to be reverted, and input confirm is ${JSON.stringify(change.confirm)}.`,
      hint: `A release that is reverted is gone for everybody. If that is meant, set \`confirm: '${version}'\`.`
    }
  ]
}

/** What Hex hides from a key is as absent as what was reverted: with one that may not see it, nothing is known. */
function checkSight({ subject, release, key }: Facts): readonly Problem[] {
  if (subject.change.mode !== 'revert' || release !== undefined) return []
  // The package went with its last release, and a key for one package then is one for none.
  return key?.problems.filter(({ code }) => code !== 'hex-key-new-package') ?? []
}

function contradiction({ subject }: Facts): Problem {
  return {
    code: 'hex-not-read-back',
    message: `Hex lists ${nameOf(subject)}, and answers that there is no such release.`,
    hint: 'A change of a moment ago may not be shown everywhere yet. Run the job again in a few minutes.'
  }
}

function checkWindow({ subject, window, release }: Facts): Problem[] {
  if (subject.change.mode !== 'revert' || window === undefined || window.open || release === undefined) return []
  return [
    {
      code: 'hex-window-closed',
      message: `${nameOf(subject)} can no longer be reverted: ${window.why}.`,
      hint: 'Publish a patched version, retire this one with `mode: retire`, and let those who use it go to the patched one (docs/hex-rollback.md).'
    }
  ]
}

function checkCredential({ subject, key }: Facts): Problem[] {
  if (key !== undefined) return []
  return [
    {
      code: 'api-key-missing',
      message: `${nameOf(subject)} is to be changed, and input api-key is missing or empty.`,
      hint: 'Set `api-key` from a secret such as HEX_API_KEY, and check that the secret exists for this repository, environment and event.'
    }
  ]
}
