import type { Outcome, Report } from '../../shared/phases.ts'
import { code, details, heading, line, link, list, prose, table, type Markdown } from '../../shared/summary.ts'
import type { Change, Inputs, Subject } from './inputs.ts'
import type { Facts } from './inspect.ts'
import { nameOf, tell, type ChangePlan } from './plan.ts'
import type { Verified } from './verify.ts'

export type ChangeOutcome = Outcome<Inputs, Facts, ChangePlan, Verified>

/** Tells a run: outputs, summary, and its part of the receipt. */
export function report(outcome: ChangeOutcome): Report {
  const { subject } = outcome.inputs
  if (subject === undefined) return { outputs: {}, summary: [], targets: [], notChecked: [] }
  const { facts } = outcome
  const { name, organization } = subject.package
  const release = (outcome.status === 'published' ? outcome.verified.release : undefined) ?? facts?.release
  const gone = subject.change.mode === 'revert' && outcome.status === 'published'
  // A page that is gone is no link.
  const url = gone ? undefined : release?.htmlUrl
  const docsUrl = gone || release?.hasDocs !== true ? undefined : release.docsUrl
  const notChecked = uncheckedOf(outcome)
  return {
    outputs: {
      name,
      version: subject.version,
      ...(release === undefined ? {} : { checksum: release.checksum }),
      ...(url === undefined ? {} : { url }),
      ...(docsUrl === undefined ? {} : { 'docs-url': docsUrl })
    },
    summary: facts === undefined ? [] : summary(outcome, subject, facts, url, notChecked),
    targets: [
      {
        // Not `hex`: a later step must not take a release that was reverted for one that was published.
        kind: `hex-${subject.change.mode}`,
        name: organization === undefined ? name : `${organization}/${name}`,
        version: subject.version,
        ...(url === undefined ? {} : { url }),
        status: outcome.status,
        files: []
      }
    ],
    notChecked
  }
}

function uncheckedOf({ status, facts, inputs }: ChangeOutcome): readonly string[] {
  if (facts === undefined) return []
  const { subject, hidden, key } = facts
  const name = nameOf(subject)
  return [
    ...(subject.change.mode === 'revert' && !hidden && facts.release === undefined && facts.package === undefined
      ? [`whether ${name} was ever on Hex: there is no such package (any more)`]
      : []),
    ...(hidden ? [`what Hex has of ${name}: without a key it shows nothing of an organization`] : []),
    ...(status === 'planned' && inputs.apiKey === undefined
      ? [`whether a key may change ${name}: none was given`]
      : []),
    // What was done needed the right to do it.
    ...(status === 'published' || status === 'unchanged' ? [] : (key?.notChecked ?? [])),
    ...(status === 'published' ? ['when resolvers see it: Hex builds its registry anew after the change'] : [])
  ]
}

type Telling = Readonly<Record<ChangeOutcome['status'], string>>

/** What became of the release, after its name. */
const tellings: Readonly<Record<Change['mode'], Telling>> = {
  retire: {
    published: 'is retired',
    unchanged: 'was retired so already',
    planned: 'would be retired',
    failed: 'was not seen retired'
  },
  unretire: {
    published: 'is no longer retired',
    unchanged: 'is not retired',
    planned: 'would no longer be retired',
    failed: 'was not seen without its retirement'
  },
  revert: {
    published: 'is reverted',
    unchanged: 'is not there',
    planned: 'would be reverted',
    failed: 'was not seen reverted'
  }
}

const signs: Telling = { published: '✅ ', unchanged: '✅ ', planned: '📋 ', failed: '' }

function summary(
  outcome: ChangeOutcome,
  subject: Subject,
  facts: Facts,
  url: string | undefined,
  notChecked: readonly string[]
): readonly Markdown[] {
  const { status, plan } = outcome
  const { change } = subject
  const telling =
    plan?.step.kind === 'unchanged'
      ? tellings[change.mode].unchanged
      : outcome.status === 'failed' && !outcome.writing
        ? 'was left as it is'
        : tellings[change.mode][status]
  const blocks: Markdown[] = [
    heading(status === 'failed' ? 3 : 2, line(signs[status], link(nameOf(subject), url), ` ${telling}`))
  ]
  if (plan !== undefined) {
    const { there, wanted, why } = plan.step
    blocks.push(table(['was', 'wanted', 'why'], [[there ?? 'nothing', wanted, why]]))
  }
  blocks.push(...consequences(subject, facts, outcome))
  const warnings = facts.key?.warnings ?? []
  if (warnings.length > 0) {
    blocks.push(
      details(
        `Warnings (${warnings.length})`,
        list(warnings.map(({ message, hint }) => line(message, ' ', prose(hint))))
      )
    )
  }
  const notes = facts.key?.notes ?? []
  if (notes.length > 0) blocks.push(details('The key', list(notes)))
  if (notChecked.length > 0) blocks.push(details(`Not checked (${notChecked.length})`, list(notChecked)))
  return blocks
}

/** What the change means for those who use the release. */
function consequences({ change, package: pkg, version }: Subject, facts: Facts, outcome: ChangeOutcome): Markdown[] {
  const { plan, status } = outcome
  if (plan?.step.kind !== 'update') return []
  switch (change.mode) {
    case 'retire':
      return [
        line(
          'It can still be fetched. Whoever resolves to it is told: ',
          tell(change.retirement),
          '. Take it back with ',
          code('mode: unretire'),
          '.'
        )
      ]
    case 'unretire':
      return []
    case 'revert': {
      const checksum = facts.release?.checksum
      const gone = status === 'published'
      return [
        ...(facts.window === undefined ? [] : [line(`The window: ${facts.window.why}.`)]),
        ...(plan.deletesPackage
          ? [line(`It ${gone ? 'was' : 'is'} the only release, and the package ${pkg.name} ${packageFate(outcome)}.`)]
          : []),
        line(
          `Applications that have locked ${version}`,
          ...(checksum === undefined ? [] : [' (checksum ', code(checksum), ')']),
          ' cannot fetch it any more; who has fetched it still has it.'
        )
      ]
    }
  }
}

/** Somebody may have published again in the meantime; what was read back counts. */
function packageFate(outcome: ChangeOutcome): string {
  if (outcome.status !== 'published') return 'is deleted with it'
  return outcome.verified.package === undefined ? 'was deleted with it' : 'is still there'
}
