import type { SandboxResponse } from '../service.ts'
import { json } from './answers.ts'
import type { FileRecord, Registry } from './registry.ts'

/** GET /integrity/PROJECT/VERSION/FILE/provenance (PEP 740): the attestations and the publisher they came from. */
export function provenance(registry: Registry, file: FileRecord | undefined, filename: string): SandboxResponse {
  const { attestations, publisher: id } = file?.provenance ?? {}
  if (attestations === undefined) return json(404, { message: `No provenance available for ${filename}` })
  const publisher = registry.publishers.find((each) => each.id === id)
  const parsed: unknown = JSON.parse(attestations)
  return {
    status: 200,
    headers: { 'content-type': 'application/vnd.pypi.integrity.v1+json' },
    body: JSON.stringify({
      attestation_bundles: [
        {
          attestations: parsed,
          publisher: {
            kind: 'GitHub',
            repository: publisher === undefined ? '' : `${publisher.owner}/${publisher.repository}`,
            workflow: publisher?.workflow ?? '',
            environment: publisher?.environment === '' ? null : publisher?.environment
          }
        }
      ],
      version: 1
    })
  }
}
