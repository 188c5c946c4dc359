import type { ReceiptFile } from '../../shared/receipt.ts'
import type { ReleasePlan } from './plan.ts'
import { shownRelease } from './plan.ts'
import type { ReleaseOutcome } from './report.ts'

/** Problems after which nobody can say whether what was sent arrived. */
const openOutcomes = new Set([
  'hex-upload-unsettled',
  'hex-different-release',
  'hex-outage',
  'hex-not-read-back',
  'http-reset',
  'http-timeout'
])

/** The tarball and the docs, and what became of each. */
export function receiptFiles(outcome: ReleaseOutcome, plan: ReleasePlan): readonly ReceiptFile[] {
  const release = shownRelease(plan.pkg, plan.version)
  const name = `${plan.pkg.name}-${plan.version}`
  const comparison = outcome.facts?.remote?.comparison
  const publishedSize = plan.release === 'unchanged' && comparison?.kind === 'compared' ? comparison.size : undefined
  const tarball: ReceiptFile[] =
    plan.tarball === undefined || plan.checksum === undefined
      ? []
      : [
          {
            name: `${name}.tar`,
            sha256: plan.checksum,
            size: publishedSize ?? plan.tarball.size,
            status: statusOf(outcome, plan.release === 'unchanged', release)
          }
        ]
  const docs: ReceiptFile[] =
    plan.packedDocs === undefined || plan.docs.kind === 'none'
      ? []
      : [
          {
            name: `${name}-docs.tar.gz`,
            sha256: plan.packedDocs.sha256,
            size: plan.packedDocs.bytes.length,
            status: statusOf(outcome, plan.docs.kind === 'unchanged', `docs of ${release}`)
          }
        ]
  return [...tarball, ...docs]
}

function statusOf(outcome: ReleaseOutcome, unchanged: boolean, target: string): ReceiptFile['status'] {
  if (unchanged || outcome.status === 'unchanged') return 'unchanged'
  if (outcome.status !== 'failed') return outcome.status
  if (outcome.done.some((step) => step.target === target)) return 'uploaded'
  // Docs are sent only after the release: what stopped that says nothing of them.
  const begun = !target.startsWith('docs of ') || outcome.done.length > 0 || outcome.plan?.release === 'unchanged'
  return outcome.writing && begun && outcome.problems.some(({ code }) => openOutcomes.has(code)) ? 'unknown' : 'missing'
}
