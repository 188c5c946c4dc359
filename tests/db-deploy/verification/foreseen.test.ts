import { expect, test } from '@jest/globals'
import type { Check } from '../../../actions/db-deploy/check.ts'
import { readInputs } from '../../../actions/db-deploy/read-inputs.ts'
import { projectOf } from '../../../actions/db-deploy/state/project.ts'
import { foreseenChecks } from '../../../actions/db-deploy/verification/foreseen.ts'
import { createInputReader } from '../../../actions/shared/inputs.ts'
import { readRunContext } from '../../../actions/shared/run-context.ts'
import { folderWith } from '../../hex-publish/programs.ts'
import { runnerEnvironment } from '../../support/run-action.ts'
import { testWorld } from '../../support/world.ts'
import { failures } from './smoking.ts'

/** What is found out of verify files in a project of Ecto's before anything is asked of a database. */
async function foreseen(files: Readonly<Record<string, string>>): Promise<readonly Check[]> {
  const folder = folderWith({
    'priv/repo/migrations/20260101000000_a.exs': 'defmodule A do\nend\n',
    ...files
  })
  const env = {
    ...runnerEnvironment(folder, folder),
    INPUT_ENVIRONMENT: 'staging',
    'INPUT_DATABASE-URL': 'postgresql://deployer:correct-horse@db.example.org/app',
    'INPUT_VERIFY-FILES': 'verify/*.sql'
  }
  const inputs = readInputs(createInputReader(env, testWorld().secrets), readRunContext(env), env)
  const found = await projectOf(inputs)
  if (!('project' in found)) throw new Error(JSON.stringify(found.problems))
  return foreseenChecks(inputs, found.project, undefined)
}

test('verify files that can be run are no check before', async () => {
  expect(await foreseen({ 'verify/a.sql': "SELECT count(*) > 0 FROM users WHERE name <> 'a;b';" })).toEqual([])
})

test.each([
  ['\\set x 1\nSELECT true;', 'a command of psql: \\set cannot be run here', 1],
  ["SELECT true;\n-- and\nSELECT 'abc;\n", 'begins here and never ends', 3],
  ['-- nothing', 'no statement is in it', 1]
])('a verify file that cannot be run fails before anything is changed: %j', async (text, told, line) => {
  const checks = await foreseen({ 'verify/a.sql': 'SELECT true', 'verify/b.sql': text })
  expect(failures(checks)).toEqual([expect.stringContaining(told)])
  expect(checks).toMatchObject([{ id: 'verify-file', problem: { file: 'verify/b.sql', line } }])
})

test('a pattern that names no file fails before anything is changed', async () => {
  expect(failures(await foreseen({}))).toEqual([expect.stringContaining('there is no such file')])
})
