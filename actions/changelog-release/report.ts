import { readableSize } from '../shared/files.ts'
import type { Outcome, Report, Step } from '../shared/phases.ts'
import { fileStatusWords, type ReceiptFile } from '../shared/receipt.ts'
import { code, details, fenced, heading, line, link, list, table, type Markdown } from '../shared/summary.ts'
import { isLeftover, isOf, stateOf } from './asset-state.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import type { ReleasePlan } from './plan.ts'
import { listed } from './releases.ts'
import type { RemoteAsset, RemoteRelease } from './remote-release.ts'
import { isReleaseStep } from './steps.ts'
import type { Verified } from './verify.ts'

export type ReleaseOutcome = Outcome<Inputs, Facts, ReleasePlan, Verified>

/** Tells a run: outputs, summary, and its part of the receipt. */
export function report(outcome: ReleaseOutcome): Report {
  const { destination } = outcome.inputs
  if (destination === undefined) return { outputs: {}, summary: [], targets: [], notChecked: [] }
  const { facts, plan } = outcome
  const { tag } = destination
  const there = outcome.status === 'published' ? outcome.verified : facts?.remote
  const release = (outcome.status === 'failed' ? madeRelease(outcome.done) : undefined) ?? there?.release
  // A draft's address is a temporary one (untagged-…), which is the only one it has.
  const url = release?.url
  const files = facts === undefined ? [] : receiptFiles(outcome, facts, there?.assets ?? [])
  const notChecked = uncheckedOf(outcome, there?.assets ?? [])
  return {
    outputs: {
      ...(release === undefined ? {} : { id: String(release.id), 'upload-url': release.uploadUrl }),
      ...(url === undefined ? {} : { url }),
      tag: tag.raw,
      version: tag.version,
      prerelease: String(plan?.wanted.prerelease ?? release?.prerelease ?? tag.prerelease),
      notes: facts?.notes?.body ?? '',
      assets: JSON.stringify(
        files.map(({ name, sha256, size, status, url }) => ({
          name,
          size,
          digest: `sha256:${sha256}`,
          status,
          ...(url === undefined ? {} : { url })
        }))
      )
    },
    summary: facts === undefined ? [] : summary(outcome, facts, release, files, notChecked),
    targets: [
      {
        kind: 'github-release',
        name: destination.repository,
        version: tag.version,
        ...(url === undefined ? {} : { url }),
        status: outcome.status,
        files
      }
    ],
    notChecked
  }
}

/** What a run that failed afterwards had made of the release. */
function madeRelease(done: readonly Step[]): RemoteRelease | undefined {
  return done.find(isReleaseStep)?.release
}

function receiptFiles(outcome: ReleaseOutcome, facts: Facts, remote: readonly RemoteAsset[]): ReceiptFile[] {
  const uploads = new Set(outcome.plan?.uploads.map(({ name }) => name))
  const done = new Set(outcome.status === 'failed' ? outcome.done.map(({ target }) => target) : [])
  return facts.assets.map((asset) => {
    const { name, sha256, size } = asset
    const state = stateOf(asset, facts.remote?.assets ?? [])
    const status = (): ReceiptFile['status'] => {
      if (state.kind === 'same' && !uploads.has(name)) return 'unchanged'
      if (outcome.status === 'published') return 'published'
      if (done.has(name)) return 'uploaded'
      return outcome.status === 'planned' ? 'planned' : 'missing'
    }
    const url = remote.find((each) => isOf(each, asset))?.url
    return { name, sha256, size, status: status(), ...(url === undefined ? {} : { url }) }
  })
}

function uncheckedOf(outcome: ReleaseOutcome, remote: readonly RemoteAsset[]): readonly string[] {
  const { facts, status } = outcome
  if (facts === undefined) return []
  const { destination, remote: before } = facts
  const { tag, pushedCommit, runCommit } = destination
  const tagged = before?.tagObjects.at(-1)
  const built =
    pushedCommit === undefined && runCommit !== undefined && before?.tagObjects.includes(runCommit) === false
  const bySize = facts.assets.filter((asset) => {
    const state = stateOf(asset, remote)
    return state.kind === 'same' && state.by === 'size'
  })
  return [
    ...bySize.map(({ name }) => `the bytes of ${name} on the release, of which only the size is known`),
    ...(outcome.status === 'published' ? outcome.verified.notChecked : []),
    ...(built && tagged !== undefined
      ? [`whether the changelog and the files are those of ${tag.raw}: it is at ${tagged}, the run at ${runCommit}`]
      : []),
    ...(before?.draftsUnknown === true && before.release === undefined
      ? [`whether there was a draft of ${tag.raw} older than the ${listed} releases that GitHub lists`]
      : []),
    ...(status === 'planned'
      ? [
          `whether the token may write releases (\`permissions: contents: write\`)${
            before?.release === undefined ? `; where it may not, a draft of ${tag.raw} is hidden from it` : ''
          }`
        ]
      : [])
  ]
}

function summary(
  outcome: ReleaseOutcome,
  facts: Facts,
  release: RemoteRelease | undefined,
  files: readonly ReceiptFile[],
  notChecked: readonly string[]
): readonly Markdown[] {
  const { tag, repository } = facts.destination
  const drafted = outcome.plan?.wanted.draft === true
  const name = link(`${repository} ${tag.raw}`, release?.url)
  const titles: Readonly<Record<ReleaseOutcome['status'], Markdown>> = {
    published: line('✅ ', name, drafted ? ' is complete, as a draft' : ' is released'),
    unchanged: line('✅ ', name, drafted ? ' was complete already, as a draft' : ' was released already'),
    planned: line('📋 ', name, drafted ? ' would become a draft' : ' would be released'),
    failed: line(name, release?.draft === true ? ' is not complete; it is a draft' : ' is not complete')
  }
  const blocks: Markdown[] = [heading(outcome.status === 'failed' ? 3 : 2, titles[outcome.status])]
  if (outcome.status === 'planned') {
    blocks.push(
      table(
        ['what', 'step', 'wanted', 'why'],
        outcome.plan.steps.map(({ target, kind, wanted, why }) => [code(target), kind, wanted, why])
      )
    )
  } else if (files.length > 0) {
    blocks.push(
      table(
        ['asset', 'size', 'sha256', 'what became of it'],
        files.map(({ name, url, size, sha256, status }) => [
          link(code(name), url),
          readableSize(size),
          code(sha256),
          fileStatusWords[status]
        ])
      )
    )
  }
  const { plan, inputs } = outcome
  if (plan?.wanted.prerelease === true && !tag.prerelease && inputs.prerelease === 'auto') {
    blocks.push(
      line('It is marked as a prerelease: that was set on GitHub, and ', code('prerelease: auto'), ' keeps it.')
    )
  }
  const others = unknownAssets(facts)
  if (others.length > 0) {
    blocks.push(
      details(`Other assets on the release, left alone (${others.length})`, list(others.map(({ name }) => code(name))))
    )
  }
  const drafts = facts.remote?.otherDrafts ?? []
  if (drafts.length > 0) {
    blocks.push(
      details(
        `Other drafts of this tag, left alone (${drafts.length})`,
        list(drafts.map(({ id, url }) => link(String(id), url)))
      )
    )
  }
  if (facts.warnings.length > 0) {
    blocks.push(
      details(
        `Warnings (${facts.warnings.length})`,
        list(
          facts.warnings.map(({ file, line: at, message, hint }) =>
            file === undefined ? line(`${message} ${hint}`) : line(code(`${file}:${at ?? 1}`), ` ${message} ${hint}`)
          )
        )
      )
    )
  }
  if (facts.notes?.cut === true)
    blocks.push(line('The notes were too long for GitHub and end with a link to the rest.'))
  if (notChecked.length > 0) blocks.push(details(`Not checked (${notChecked.length})`, list(notChecked)))
  if (facts.notes !== undefined) blocks.push(details('Notes', fenced('markdown', facts.notes.body)))
  return blocks
}

function unknownAssets({ assets, remote }: Facts): readonly RemoteAsset[] {
  return (remote?.assets ?? []).filter(
    (each) => !isLeftover(each, assets) && !assets.some((asset) => isOf(each, asset))
  )
}
