import { notRehearsed } from '../shared/runner.ts'

notRehearsed(
  `${process.env['GITHUB_ACTION_REPOSITORY'] ?? 'an action'}@${process.env['GITHUB_ACTION_REF'] ?? '?'} did nothing, and its outputs are empty`
)
