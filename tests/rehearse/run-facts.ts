import type { RunFacts } from '../../rehearse/event.ts'

/** The push of v1.0.0 of octo-org/lib; a test changes what it is about. */
export const pushOfTag: RunFacts = {
  event: 'push',
  owner: 'octo-org',
  name: 'lib',
  actor: 'octo-org',
  ref: 'refs/tags/v1.0.0',
  sha: 'a'.repeat(40),
  defaultBranch: 'main',
  runId: '7',
  workflowPath: '.github/workflows/release.yml',
  workflowName: 'release',
  message: 'Release\n\nit',
  time: Date.UTC(2026, 0, 2),
  inputs: { 'dry-run': 'true' },
  attempt: 1
}
