import { dirname, normalize, relative, sep } from 'node:path'
import { createArtifact, deleteArtifact, nameFault, NameTaken, pathFault } from '../shared/artifacts.ts'
import { findFiles } from '../shared/glob.ts'
import { booleanInput, fail, info, input, required, setOutput, warning } from '../shared/runner.ts'

const reference = process.env['GITHUB_ACTION_REF'] ?? ''
// https://github.blog/changelog/2024-04-16-deprecation-notice-v3-of-the-artifact-actions/
if (/^v[123](\.|$)/.test(reference)) {
  fail(
    `This request has been automatically failed because it uses a deprecated version of \`actions/upload-artifact: ${reference}\`.`
  )
}

const path = input('path')
if (path === '') fail('Input required and not supplied: path')
const found = findFiles(path, { folder: required('GITHUB_WORKSPACE'), hidden: booleanInput('include-hidden-files') })
if (found.files.length === 0) {
  const message = `No files were found with the provided path: ${path}. No artifacts will be uploaded.`
  const behaviour = input('if-no-files-found')
  if (behaviour === 'error') fail(message)
  else if (behaviour === 'ignore') info(message)
  else if (behaviour === 'warn' || behaviour === '') warning(message)
  else fail(`Unrecognized if-no-files-found input. Provided: ${behaviour}. Available options: warn,error,ignore`)
} else {
  upload(found.files, rootOf(found.files, found.searchPaths))
}

function upload(files: readonly string[], root: string): void {
  info(`With the provided path, there will be ${files.length} file${files.length === 1 ? '' : 's'} uploaded`)
  const asIs = input('archive').toLowerCase() === 'false'
  if (asIs && files.length > 1) {
    fail(`When 'archive' is set to false, only a single file can be uploaded. Found ${files.length} files to upload.`)
  }
  const entries = files.map((source) => ({ source, path: relative(root, source).split(sep).join('/') }))
  const name = asIs ? (entries[0]?.path ?? '') : input('name')
  const fault = nameFault(name) ?? entries.map((entry) => pathFault(entry.path)).find((found) => found !== undefined)
  if (fault !== undefined) fail(fault)
  if (booleanInput('overwrite')) deleteArtifact(name)
  try {
    const artifact = createArtifact(name, entries)
    info(`Artifact ${name} has been successfully uploaded! Artifact ID is ${artifact.id}`)
    for (const entry of entries) info(`  ${entry.path}`)
    setOutput('artifact-id', String(artifact.id))
    setOutput('artifact-digest', artifact.digest)
    setOutput(
      'artifact-url',
      `${required('GITHUB_SERVER_URL')}/${required('GITHUB_REPOSITORY')}/actions/runs/${required('GITHUB_RUN_ID')}/artifacts/${artifact.id}`
    )
  } catch (error) {
    if (!(error instanceof NameTaken)) throw error
    fail(
      'Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run'
    )
  }
}

/** The artifact's root, as upload-artifact's `findFilesToUpload` (src/shared/search.ts) chooses it. */
function rootOf(files: readonly string[], searchPaths: readonly string[]): string {
  const [first = ''] = searchPaths
  if (searchPaths.length > 1) return commonAncestor(searchPaths)
  // A single file given by its path: its folder is not kept.
  return files.length === 1 && files[0] === first ? dirname(first) : first
}

function commonAncestor(paths: readonly string[]): string {
  const split = paths.map((one) => normalize(one).split(sep))
  const shortest = Math.min(...split.map((parts) => parts.length))
  let length = 0
  while (length < shortest && split.every((parts) => parts[length] === split[0]?.[length])) length += 1
  return split[0]?.slice(0, length).join(sep) || sep
}
