import type { ProofState } from '../../shared/hex/dependency-proofs.ts'
import type { Outcome, Plan, Report } from '../../shared/phases.ts'
import { code, details, heading, line, list, prose, table, type Markdown } from '../../shared/summary.ts'
import type { Inputs } from './inputs.ts'
import type { Facts } from './inspect.ts'

/** Tells a run: outputs, summary, and its part of the receipt. */
export function report(outcome: Outcome<Inputs, Facts, Plan, undefined>): Report {
  const { facts } = outcome
  if (facts === undefined) return { outputs: {}, summary: [], targets: [], notChecked: [] }
  const { name, version, outerChecksum, fromHex, repository } = facts
  // What is locked says nothing about a dependency that may come from elsewhere: the entry of a former day stays.
  const locked =
    fromHex && version !== undefined && outerChecksum !== undefined ? { version, checksum: outerChecksum } : undefined
  const notChecked = uncheckedOf(facts)
  return {
    outputs: {
      name,
      ...(locked === undefined
        ? {}
        : {
            ...locked,
            'dependency-version': locked.version,
            'dependency-checksum': locked.checksum
          })
    },
    summary: [
      heading(outcome.status === 'failed' ? 3 : 2, titleOf(facts)),
      ...bypassBlocks(facts),
      table(
        ['', 'proof', 'state', 'what was read', 'where'],
        facts.proofs.map(({ number, title, state, detail, file, line: at }) => [
          String(number),
          title,
          stateWords[state],
          prose(detail),
          file === undefined ? '' : code(at === undefined ? file : `${file}:${at}`)
        ])
      ),
      ...(locked === undefined ? [] : [line('Outer checksum: ', code(locked.checksum))]),
      ...(notChecked.length === 0 ? [] : [details(`Not checked (${notChecked.length})`, list(notChecked))])
    ],
    targets: [
      {
        kind: 'hex-dependency',
        name,
        ...(locked === undefined ? {} : { version: locked.version }),
        ...(locked === undefined || repository !== 'hexpm'
          ? {}
          : { url: `https://hex.pm/packages/${facts.package}/${locked.version}` }),
        status: outcome.status,
        files: []
      }
    ],
    notChecked
  }
}

const stateWords: Readonly<Record<ProofState, string>> = {
  proved: '✅ proved',
  disproved: '❌ disproved',
  'not available': '➖ not available'
}

function titleOf({ name, package: packageName, version, fromHex, bypassed, repository }: Facts): Markdown {
  if (bypassed !== undefined) return line('⚠️ ', code(name), ` is let through by a bypass until ${bypassed.until}`)
  if (!fromHex) return line('Where ', code(name), ' comes from')
  const organization = repository === 'hexpm' ? '' : `, repository ${repository}`
  const other = packageName === name ? '' : `, where it is the package ${packageName}`
  return line('✅ ', code(name), ` ${version ?? ''} comes from Hex${other}${organization}`)
}

function bypassBlocks({ bypassed, warnings }: Facts): readonly Markdown[] {
  const told = list(warnings.map(({ message, hint }) => line(prose(message), ' → ', prose(hint))))
  if (bypassed === undefined) return warnings.length === 0 ? [] : [told]
  return [
    line(
      `It is not proved that it comes from Hex. This run is green until the end of ${bypassed.until}, UTC, for this reason: `,
      bypassed.reason
    ),
    told
  ]
}

function uncheckedOf({ name, proofs, fromHex, bypassed }: Facts): readonly string[] {
  return [
    ...(bypassed === undefined
      ? []
      : [`that ${name} comes from Hex: bypassed until ${bypassed.until} (${bypassed.reason})`]),
    ...proofs
      .filter(({ state }) => state === 'not available')
      .map(({ number, title, detail }) => `proof ${number}, ${title}: ${detail}`),
    ...(fromHex ? [`whether the files of ${name} were changed after Hex had unpacked them`] : [])
  ]
}
