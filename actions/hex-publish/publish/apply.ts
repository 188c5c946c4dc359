import { readRelease } from '../../shared/hex/hex-api.ts'
import type { Step } from '../../shared/phases.ts'
import { ActionError, fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { uploadDocs } from '../docs-upload.ts'
import { uploadRelease } from '../release-upload.ts'
import type { Facts } from './inspect.ts'
import type { Inputs } from './inputs.ts'
import { shownRelease, type ReleasePlan } from './plan.ts'

/**
 * Sends the release, then its docs: the very bytes that were inspected.
 * @param record called for each that Hex has taken
 * @throws {ActionError} with every refusal
 */
export async function apply(
  _inputs: Inputs,
  facts: Facts,
  plan: ReleasePlan,
  world: World,
  record: (step: Step) => void
): Promise<void> {
  const { api } = facts
  const release = shownRelease(plan.pkg, plan.version)
  if (plan.release === 'replace') await holdToInspected(release, facts, plan)
  if (plan.tarball !== undefined && (plan.release === 'create' || plan.release === 'replace')) {
    const { bytes, outerChecksum } = plan.tarball
    const replaces = facts.remote?.release?.checksum
    const how = await uploadRelease(api, plan.pkg, bytes, {
      version: plan.version,
      replace: plan.release === 'replace',
      ...(replaces === undefined ? {} : { replaces }),
      clock: world.clock,
      log: world.log
    })
    record({
      kind: plan.release === 'replace' ? 'update' : 'create',
      target: release,
      wanted: `sha256 ${outerChecksum}`,
      why: uploadWords[how]
    })
  }
  const { packedDocs, docs } = plan
  if (packedDocs === undefined || (docs.kind !== 'create' && docs.kind !== 'update')) return
  await toldAsDocs(release, plan, async () =>
    uploadDocs(api, plan.pkg, plan.version, packedDocs.bytes, {
      replaces: docs.kind === 'update',
      clock: world.clock,
      log: world.log
    })
  )
  record({ kind: docs.kind, target: `docs of ${release}`, wanted: `${packedDocs.files} files`, why: 'sent to Hex' })
}

/**
 * What is overwritten must be what was looked at: docs may have been built in between.
 * @throws {ActionError} when somebody else has published over it since
 */
async function holdToInspected(release: string, { api, remote }: Facts, { pkg, version }: ReleasePlan): Promise<void> {
  const inspected = remote?.release?.checksum
  const there = (await readRelease(api, pkg, version))?.checksum
  if (there === undefined || there === inspected) return
  fail({
    code: 'hex-different-release',
    message: `${release} was changed on Hex while this run was busy: sha256 ${inspected ?? ''} before, ${there} now.`,
    hint: 'Something else publishes this version at the same time. Let one job publish, then run this one again: it compares what is there.'
  })
}

const uploadWords: Readonly<Record<Awaited<ReturnType<typeof uploadRelease>>, string>> = {
  created: 'published',
  replaced: 'replaced',
  reconciled: 'published; the answer was lost, and reading it back showed it'
}

/** Who sees the job fail must know that the package itself is out, and what a rerun does. */
async function toldAsDocs(release: string, plan: ReleasePlan, send: () => Promise<unknown>): Promise<void> {
  try {
    await send()
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const out = plan.release === 'untouched' ? `the docs of ${release}` : `${release} is published; its docs are not`
    throw new ActionError(
      error.problems.map((problem) => ({
        ...problem,
        message: `${out}: ${problem.message}`,
        hint: `${problem.hint} The next run${plan.release === 'replace' ? ', with `replace: true` as now,' : ''} sends only the docs.`
      })),
      { cause: error }
    )
  }
}
