import { readableSize } from '../../shared/files.ts'
import type { Outcome, Report } from '../../shared/phases.ts'
import { fileStatusWords, type ReceiptFile } from '../../shared/receipt.ts'
import { code, details, fenced, heading, line, link, list, prose, table, type Markdown } from '../../shared/summary.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { shownRelease, type ReleasePlan } from './plan.ts'
import { receiptFiles } from './receipt-files.ts'
import { revertBlocks } from './revert-step.ts'
import type { Changes } from './remote.ts'
import type { Verified } from './verify.ts'

export type ReleaseOutcome = Outcome<Inputs, Facts, ReleasePlan, Verified>

/** Tells a run: outputs, summary, and its part of the receipt. */
export function report(outcome: ReleaseOutcome): Report {
  const { facts, plan, inputs } = outcome
  const pkg = plan?.pkg ?? facts?.pkg
  const version = plan?.version ?? facts?.tarball?.metadata.version ?? inputs.wanted?.version
  const checksum = checksumOf(outcome)
  const { url, docsUrl } = pages(outcome)
  const files = plan === undefined ? [] : receiptFiles(outcome, plan)
  const notChecked = facts === undefined ? [] : gathered(outcome, facts)
  return {
    outputs: {
      ...(pkg === undefined ? {} : { name: pkg.name }),
      ...(version === undefined ? {} : { version }),
      ...(checksum === undefined ? {} : { checksum }),
      ...(url === undefined ? {} : { url }),
      ...(docsUrl === undefined ? {} : { 'docs-url': docsUrl }),
      ...(facts?.tarballPath === undefined ? {} : { tarball: facts.tarballPath })
    },
    summary: facts === undefined ? [] : summary(outcome, facts, { url, docsUrl, files, notChecked }),
    targets:
      pkg === undefined
        ? []
        : [
            {
              kind: 'hex',
              name: pkg.organization === undefined ? pkg.name : `${pkg.organization}/${pkg.name}`,
              ...(version === undefined ? {} : { version }),
              ...(url === undefined ? {} : { url }),
              status: outcome.status,
              files
            }
          ],
    notChecked
  }
}

/** What was read back, where the run came to that. */
function verifiedOf(outcome: ReleaseOutcome): Verified | undefined {
  return outcome.status === 'published' || outcome.status === 'unchanged' ? outcome.verified : undefined
}

/** The published one, and where the release is not there what would be; none where what was sent may be there or not. */
function checksumOf(outcome: ReleaseOutcome): string | undefined {
  const { facts, plan } = outcome
  const there = facts?.remote?.release?.checksum
  if (outcome.status !== 'failed') return plan?.checksum
  if (outcome.done.length > 0) return plan?.checksum
  return outcome.writing && plan?.release !== 'untouched' && plan?.release !== 'unchanged'
    ? undefined
    : (there ?? facts?.tarball?.outerChecksum)
}

interface Pages {
  readonly url: string | undefined
  readonly docsUrl: string | undefined
}

/** The addresses that Hex itself names; of a release that is not there yet only the page can be told. */
function pages(outcome: ReleaseOutcome): Pages {
  const { facts, plan } = outcome
  const release = verifiedOf(outcome)?.release ?? facts?.remote?.release
  const page =
    plan === undefined || outcome.status === 'failed'
      ? undefined
      : `https://hex.pm/packages/${plan.pkg.organization === undefined ? '' : `${plan.pkg.organization}/`}${plan.pkg.name}/${plan.version}`
  return {
    url: webAddress(release?.htmlUrl) ?? page,
    docsUrl: release?.hasDocs === true ? webAddress(release.docsUrl) : undefined
  }
}

/** Outputs end up in links and commands of others. */
function webAddress(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) && new URL(url).protocol === 'https:' ? url : undefined
}

function gathered(outcome: ReleaseOutcome, { findings, key, registry, registryBarrier }: Facts): readonly string[] {
  const { inputs } = outcome
  const all = [...findings.notChecked]
  // Once Hex has taken what was sent, it has checked the key itself.
  if (outcome.status !== 'published' && outcome.status !== 'unchanged') all.push(...(key?.notChecked ?? []))
  if (outcome.status === 'planned' && inputs.apiKey === undefined) {
    all.push('whether a key may publish this package (this run has none)')
  }
  if (inputs.mode === 'publish' && (outcome.status === 'published' || outcome.status === 'unchanged')) {
    const sight = verifiedOf(outcome)?.registry ?? registry
    if (registryBarrier !== undefined) all.push(`whether resolvers see the release already: ${registryBarrier}`)
    else if (sight?.state !== 'visible') {
      all.push(`whether resolvers see the release: not after ${inputs.wait / 1000} s (${sight?.detail ?? ''})`)
    }
  }
  return all
}

interface Told extends Pages {
  readonly files: readonly ReceiptFile[]
  readonly notChecked: readonly string[]
}

function summary(
  outcome: ReleaseOutcome,
  facts: Facts,
  { url, docsUrl, files, notChecked }: Told
): readonly Markdown[] {
  const { inputs, plan } = outcome
  const { pkg, findings, versions, changes, tarball, key, buildWarnings } = facts
  const version = plan?.version ?? inputs.wanted?.version ?? ''
  const what = pkg === undefined ? `The package ${version}` : shownRelease(pkg, version)
  const blocks: Markdown[] = [
    heading(
      outcome.status === 'failed' ? 3 : 2,
      title(outcome, inputs.mode === 'docs' ? `The documentation of ${what}` : what, url)
    ),
    line(...source(inputs, facts))
  ]
  if (files.length > 0) {
    blocks.push(
      table(
        ['file', 'size', 'sha256', 'what became of it'],
        files.map((file) => [
          link(code(file.name), file.url),
          readableSize(file.size),
          code(file.sha256),
          fileStatusWords[file.status]
        ])
      )
    )
  }
  for (const step of plan?.steps ?? []) {
    if (step.kind !== 'create') blocks.push(line(`${step.target}: ${step.why}.`))
  }
  if (docsUrl !== undefined) blocks.push(line('Documentation: ', link(docsUrl.replace(/^https:\/\//, ''), docsUrl)))
  if (changes !== undefined && pkg !== undefined)
    blocks.push(changesBlock(changes, pkg.organization === undefined ? pkg.name : undefined, version))
  if (tarball !== undefined) {
    blocks.push(
      details(
        `Files in the tarball (${tarball.entries.length}, ${readableSize(tarball.contentsSize)} unpacked)`,
        list(tarball.entries.map(({ path }) => code(path)))
      )
    )
  }
  blocks.push(...revertBlocks(outcome))
  if (files.some(({ status }) => status === 'uploaded' || status === 'unknown')) {
    blocks.push(line('Run the failed job again: what is on Hex already is left alone, and only the rest is sent.'))
  }
  if (findings.warnings.length > 0) {
    blocks.push(
      details(
        `Warnings (${findings.warnings.length})`,
        list(
          findings.warnings.map(({ file, message, hint }) =>
            line(file === undefined ? '' : code(file), file === undefined ? '' : ' ', message, ' ', prose(hint))
          )
        )
      )
    )
  }
  if (buildWarnings.length > 0) {
    blocks.push(details(`Warnings of the build (${buildWarnings.length})`, fenced('text', buildWarnings.join('\n'))))
  }
  const built = Object.entries(versions ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${toolNames[name] ?? name} ${value}`]
  )
  if (built.length > 0) blocks.push(line(`Built with ${built.join(', ')}.`))
  if (key !== undefined && key.notes.length > 0) blocks.push(details('The key', list(key.notes)))
  if (notChecked.length > 0) blocks.push(details(`Not checked (${notChecked.length})`, list(notChecked)))
  return blocks
}

const toolNames: Readonly<Record<string, string>> = {
  elixir: 'Elixir',
  otp: 'Erlang/OTP',
  hex: 'Hex',
  rebar3: 'rebar3',
  gleam: 'Gleam'
}

function title(outcome: ReleaseOutcome, what: string, url: string | undefined): Markdown {
  switch (outcome.status) {
    case 'published':
      return line('✅ ', link(what, url), ' is on Hex')
    case 'unchanged':
      return line('✅ ', link(what, url), ' was on Hex already')
    case 'planned':
      return line(`📋 ${what} would go to Hex`)
    case 'failed':
      return line(what, failedTitle(outcome))
  }
}

/** Of a release that was sent and not seen nobody can say that it is not there. */
function failedTitle({ problems, done, writing, facts }: Extract<ReleaseOutcome, { status: 'failed' }>): string {
  const codes = new Set(problems.map(({ code }) => code))
  const there = facts?.remote?.release !== undefined
  if (['hex-different-release', 'hex-window-closed'].some((code) => codes.has(code))) return ' is on Hex otherwise'
  if (codes.has('release-not-compared')) return ' is on Hex, perhaps otherwise'
  if (codes.has('hex-upload-unsettled')) return ': whether it is on Hex is not known'
  if (done.length > 0) return ' is not complete on Hex'
  if (!there) return ' is not on Hex'
  return writing || codes.has('registry-late') || codes.has('release-half-stored')
    ? ' is not complete on Hex'
    : ' was left as it is on Hex'
}

function source({ wanted, mode }: Inputs, { pkg }: Facts): (string | Markdown)[] {
  const where = pkg?.organization === undefined ? 'the public repository' : `the organization ${pkg.organization}`
  return wanted?.tag === undefined
    ? [`Version ${wanted?.version ?? ''}, ${where}${mode === 'docs' ? ', docs only' : ''}.`]
    : ['Tag ', code(wanted.tag.raw), `, ${where}${mode === 'docs' ? ', docs only' : ''}.`]
}

const changeSigns = { 'only local': 'new', 'only published': 'gone', differs: 'changed' } as const

/** @param publicName for a link to Hex's own comparison, which shows public packages */
function changesBlock({ since, files }: Changes, publicName: string | undefined, version: string): Markdown {
  if (since === undefined) return line('There is no earlier version to compare with.')
  const title = `Files since ${since}: ${files.length === 0 ? 'no change' : `${files.length} changed`}`
  return details(
    title,
    ...(files.length === 0 ? [] : [list(files.map(({ path, change }) => line(code(path), ` ${changeSigns[change]}`)))]),
    line(
      link(
        'Compare on diff.hex.pm',
        publicName === undefined ? undefined : `https://diff.hex.pm/diff/${publicName}/${since}..${version}`
      )
    )
  )
}
