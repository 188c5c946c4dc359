import { formatPep440 } from '../../actions/shared/pep440.ts'
import type { SandboxRequest, SandboxResponse } from '../service.ts'
import { UploadRefused } from './answers.ts'
import { openDistribution } from './archive-rules.ts'
import { checkAttestations } from './attestations.ts'
import { identify, mayUpload, type HelpPages, type Identity } from './authentication.ts'
import { digestsOf, sha256, type Digests } from './digests.ts'
import { checkFilename } from './distribution-name.ts'
import { readMetadata } from './form-metadata.ts'
import type { CoreMetadata } from './metadata-fields.ts'
import { parseMultipart } from './multipart.ts'
import { createProject } from './project-creation.ts'
import { pythonRepr } from './python-repr.ts'
import { findProject, nextSerial, type ProjectRecord, type Registry, type ReleaseRecord } from './registry.ts'
import { checkSdist } from './sdist-rules.ts'
import { checkFields, readForm, type UploadFields } from './upload-form.ts'
import { canonicalVersion } from './versions.ts'
import { checkWheel } from './wheel-rules.ts'

/** `MAX_FILESIZE` and `MAX_PROJECT_SIZE` in warehouse/constants.py, bytes. */
export const defaultFileSizeLimit = 100 * 1024 ** 2
export const defaultProjectSizeLimit = 10 * 1024 ** 3

/** Since 2026-07-08 (`MAXIMUM_AGE_FOR_NEW_UPLOADS_DAYS`). */
const daysOpen = 14
const day = 24 * 60 * 60 * 1000

const docs = 'https://docs.pypi.org/project-management/storage-limits'

/**
 * The legacy upload: every check in PyPI's own order (warehouse/forklift/legacy.py, `file_upload`), and either the whole
 * file is stored or nothing changes.
 *
 * @param registry changed only when the file is taken; a refused upload may leave it half changed, so give a copy
 * @throws UploadRefused
 */
export function upload(registry: Registry, request: SandboxRequest, pages: HelpPages): SandboxResponse {
  refuseWhenClosed(registry, pages)
  const identity = identify(registry, request.headers.authorization, pages)
  const form = readForm(parseMultipart(request.headers['content-type'], request.body) ?? [])
  if ((form.values.get('protocol_version')?.at(-1) ?? '1') !== '1')
    throw new UploadRefused(400, 'Unknown protocol version.')
  const fields = checkFields(form)
  const { metadata, version } = readMetadata(form)
  if (form.content === undefined) throw new UploadRefused(400, 'Upload payload does not have a file.')

  const project = findProject(registry, fields.name) ?? newProject(registry, fields.name, identity, pages)
  mayUpload(identity, project, request.now, pages)
  project.name = metadata.single.name ?? project.name
  const release = findRelease(project, formatPep440(version)) ?? newRelease(project, metadata, version, request.now)

  // A part without a Content-Type is text (RFC 7578, section 4.4), as uv's is; only an empty one counts as none.
  const { filename = '', type = 'text/plain', content } = form.content
  checkFilename(filename, fields.filetype)
  if (type === '' || type.startsWith('image/')) throw new UploadRefused(400, 'Invalid distribution file.')
  checkSize(project, content.length)
  const digests = digestsOf(content)
  checkDigests(fields.digests, digests)
  if (isAlreadyThere(registry, filename, digests, pages)) return stored
  checkRelease(registry, release, fields, filename, request.now, pages)

  const archive = openDistribution(filename, content)
  const licenseFiles = metadata.lists.license_file
  const named = { filename, project, metadataName: metadata.single.name ?? '', version, licenseFiles }
  if (fields.filetype === 'sdist') checkSdist({ ...named, archive })
  const metadataFile =
    archive.kind === 'zip' && filename.endsWith('.whl') ? checkWheel({ ...named, archive }) : undefined

  const attestations = form.values.get('attestations')?.at(-1)
  if (attestations !== undefined) {
    if (identity.publisher === undefined)
      throw new UploadRefused(
        400,
        'Invalid attestations supplied during upload: Attestations are only supported when using Trusted Publishing'
      )
    checkAttestations(attestations, filename, content)
  }
  release.files.push({
    filename,
    filetype: fields.filetype,
    pyversion: fields.pyversion,
    comment: fields.comment,
    content,
    digests,
    ...(metadataFile !== undefined && { metadataFile: { content: metadataFile, sha256: sha256(metadataFile) } }),
    ...(attestations !== undefined &&
      identity.publisher !== undefined && { provenance: { attestations, publisher: identity.publisher.id } }),
    uploaded: request.now,
    uploadedVia: request.headers['user-agent'] ?? '',
    uploadedBy: identity.token.identity.kind === 'user' ? identity.token.identity.user : uploaderOf(identity)
  })
  registry.usedFilenames.push(filename)
  project.serial = nextSerial(registry)
  return stored
}

/** 200 and nothing else; the body would hold warnings, and PyPI has none today. */
const stored: SandboxResponse = { status: 200, headers: { 'content-type': 'text/plain; charset=UTF-8' }, body: '' }

function refuseWhenClosed({ switches }: Registry, pages: HelpPages): void {
  if (switches.readOnly) throw new UploadRefused(403, 'Read-only mode: Uploads are temporarily disabled.')
  if (switches.uploadsDisabled)
    throw new UploadRefused(
      403,
      `New uploads are temporarily disabled. See ${pages.help('admin-intervention')} for more information.`
    )
}

function newProject(registry: Registry, name: string, identity: Identity, pages: HelpPages): ProjectRecord {
  if (identity.token.identity.kind === 'user')
    return createProject(registry, name, [identity.token.identity.user], pages)
  // A publisher that the sandbox was told to take for any project stands for a pending publisher of each.
  if (identity.publisher !== undefined && identity.publisher.projects === undefined)
    return createProject(registry, name, [], pages)
  throw new UploadRefused(
    400,
    'Non-user identities cannot create new projects. This was probably caused by successfully using a pending publisher ' +
      "but specifying the project name incorrectly (either in the publisher or in your project's metadata). Please " +
      'ensure that both match. See: https://docs.pypi.org/trusted-publishers/troubleshooting/'
  )
}

function findRelease(project: ProjectRecord, version: string): ReleaseRecord | undefined {
  const canonical = canonicalVersion(version)
  return project.releases.find((release) => release.canonicalVersion === canonical)
}

function newRelease(
  project: ProjectRecord,
  metadata: CoreMetadata,
  version: Parameters<typeof formatPep440>[0],
  now: number
): ReleaseRecord {
  const text = formatPep440(version)
  const release: ReleaseRecord = {
    version: text,
    canonicalVersion: canonicalVersion(text),
    metadata,
    created: now,
    yanked: false,
    files: []
  }
  project.releases.push(release)
  return release
}

function checkSize(project: ProjectRecord, size: number): void {
  const fileLimit = project.fileSizeLimit ?? defaultFileSizeLimit
  if (size > fileLimit)
    throw new UploadRefused(
      400,
      `File too large. Limit for project ${pythonRepr(project.name)} is ${Math.floor(fileLimit / 1024 ** 2)} MB. ` +
        `See ${docs}#requesting-a-file-size-limit-increase for more information.`
    )
  const total = project.releases.flatMap(({ files }) => files).reduce((sum, { content }) => sum + content.length, 0)
  const totalLimit = project.totalSizeLimit ?? defaultProjectSizeLimit
  if (total + size > totalLimit)
    throw new UploadRefused(
      400,
      `Project size too large. Limit for project ${pythonRepr(project.name)} total size is ${Math.floor(totalLimit / 1024 ** 3)} GB. ` +
        `See ${docs}#requesting-a-project-size-limit-increase`
    )
}

function checkDigests(claimed: UploadFields['digests'], actual: Digests): void {
  for (const name of ['md5', 'sha256', 'blake2_256'] as const)
    if (claimed[name] !== '' && claimed[name].toLowerCase() !== actual[name])
      throw new UploadRefused(400, 'The digest supplied does not match a digest calculated from the uploaded file.')
}

/** A file is there when its name or its content is; only both together are the same upload again. */
function isAlreadyThere(registry: Registry, filename: string, digests: Digests, pages: HelpPages): boolean {
  const files = registry.projects.flatMap(({ releases }) => releases.flatMap((release) => release.files))
  const there = files.find((file) => file.filename === filename || file.digests.blake2_256 === digests.blake2_256)
  if (there === undefined) return false
  if (there.filename === filename && there.digests.sha256 === digests.sha256) return true
  throw new UploadRefused(
    400,
    // twine --skip-existing looks for the first three words (warehouse issue 3482).
    `File already exists (${pythonRepr(filename)}, with blake2_256 hash '${digests.blake2_256}'). ` +
      `See ${pages.help('file-name-reuse')} for more information.`
  )
}

function checkRelease(
  registry: Registry,
  release: ReleaseRecord,
  fields: UploadFields,
  filename: string,
  now: number,
  pages: HelpPages
): void {
  if (registry.usedFilenames.includes(filename))
    throw new UploadRefused(
      400,
      'This filename was previously used by a file that has since been deleted. Use a different version. ' +
        `See ${pages.help('file-name-reuse')} for more information.`
    )
  if (now - release.created > daysOpen * day)
    throw new UploadRefused(400, `Uploading new files to releases older than ${daysOpen} days is not allowed.`)
  if (fields.filetype === 'sdist' && release.files.some(({ filetype }) => filetype === 'sdist'))
    throw new UploadRefused(400, 'Only one sdist may be uploaded per release.')
}

function uploaderOf({ publisher }: Identity): string {
  return publisher === undefined ? '' : `${publisher.owner}/${publisher.repository} ${publisher.workflow}`
}
