import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { isKnownRun, listArtifacts, ownRun, unpackArtifact, type Artifact } from '../shared/artifacts.ts'
import { matchesName } from '../shared/glob.ts'
import { booleanInput, fail, info, input, notRehearsed, required, setOutput, warning } from '../shared/runner.ts'

const reference = process.env['GITHUB_ACTION_REF'] ?? ''
if (/^v[123](\.|$)/.test(reference)) {
  fail(
    `This request has been automatically failed because it uses a deprecated version of \`actions/download-artifact: ${reference}\`.`
  )
}

const name = input('name')
const ids = input('artifact-ids')
const path = input('path') || required('GITHUB_WORKSPACE')
const target = resolve(required('GITHUB_WORKSPACE'), path.startsWith('~') ? path.replace('~', homedir()) : path)
if (name !== '' && ids !== '') {
  fail(
    "Unable to download artifact(s): Inputs 'name' and 'artifact-ids' cannot be used together. Please specify only one."
  )
}

// Without a token of its own it looks nowhere else, whatever the other inputs say (src/download-artifact.ts).
const run = input('github-token') === '' ? ownRun() : input('run-id')
const elsewhere = input('github-token') !== '' && input('repository') !== required('GITHUB_REPOSITORY')
if (elsewhere || (run !== ownRun() && !isKnownRun(run))) {
  notRehearsed(`artifacts of run ${run} of ${input('repository')}: only those of this rehearsal's runs are at hand`)
  setOutput('download-path', target)
} else {
  const artifacts = chosen()
  const merged = name !== '' || booleanInput('merge-multiple') || (artifacts.length === 1 && directWhenSingle())
  for (const artifact of artifacts) {
    info(`- ${artifact.name} (ID: ${artifact.id}, ${artifact.files.length} files)`)
    unpackArtifact(artifact, run, merged ? target : join(target, artifact.name))
  }
  info(`Total of ${artifacts.length} artifact(s) downloaded`)
  setOutput('download-path', target)
}

function chosen(): readonly Artifact[] {
  const all = listArtifacts(run)
  if (name !== '') {
    const found = all.filter((artifact) => artifact.name === name)
    if (found.length === 0) {
      fail(
        `Unable to download artifact(s): Artifact not found for name: ${name}\n` +
          '        Please ensure that your artifact is not expired and the artifact was uploaded using a compatible version of toolkit/upload-artifact.'
      )
    }
    return found
  }
  if (ids !== '') return byIds(all)
  const pattern = input('pattern')
  return pattern === '' ? all : all.filter((artifact) => matchesName(pattern, artifact.name))
}

function byIds(all: readonly Artifact[]): readonly Artifact[] {
  const wanted = ids
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  const bad = wanted.find((id) => !/^\d+$/.test(id))
  if (bad !== undefined) fail(`Unable to download artifact(s): Invalid artifact ID: '${bad}'. Must be a number.`)
  const found = all.filter((artifact) => wanted.includes(String(artifact.id)))
  if (found.length === 0) fail('Unable to download artifact(s): None of the provided artifact IDs were found')
  const missing = wanted.filter((id) => !found.some((artifact) => String(artifact.id) === id))
  if (missing.length > 0) warning(`Could not find the following artifact IDs: ${missing.join(', ')}`)
  return found
}

/**
 * Since v5 an artifact that is alone goes straight into the path when it was asked for by its id; the code does so for
 * any that is alone (src/download-artifact.ts). v4 always made a folder, unless the artifact was named.
 */
function directWhenSingle(): boolean {
  return !/^v4(\.|$)/.test(reference)
}
