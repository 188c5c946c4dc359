import type { SandboxResponse } from '../service.ts'
import type { Addresses } from './addresses.ts'
import { escapeHtml } from './answers.ts'
import { filePath, sortedReleases, type ProjectRecord, type ReleaseRecord } from './registry.ts'

/** GET /project/NAME/ and /project/NAME/VERSION/, without PyPI's looks: name, files, description as it was uploaded. */
export function projectPage(project: ProjectRecord, release: ReleaseRecord, addresses: Addresses): SandboxResponse {
  const { single } = release.metadata
  const files = release.files.map(
    (file) =>
      `<li><a href="${escapeHtml(addresses.files + filePath(file))}">${escapeHtml(file.filename)}</a> (${file.content.length} bytes, sha256 ${file.digests.sha256})</li>`
  )
  const versions = sortedReleases(project)
    .toReversed()
    .map(({ version }) => `<li><a href="/project/${project.normalizedName}/${version}/">${version}</a></li>`)
  const title = `${project.name} ${release.version}`
  const body = [
    '<!DOCTYPE html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(single.summary ?? '')}</p>`,
    `<h2>Files</h2><ul>${files.join('')}</ul>`,
    `<h2>Releases</h2><ul>${versions.join('')}</ul>`,
    `<h2>Description</h2><pre>${escapeHtml(single.description ?? '')}</pre>`,
    '</body></html>',
    ''
  ]
  return { status: 200, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: body.join('\n') }
}
