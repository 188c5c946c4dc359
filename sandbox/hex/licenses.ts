import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** `hex_licenses:valid/1`: an SPDX identifier as it is written there, or a reference of the package's own. */
export function isLicense(license: string): boolean {
  return identifiers().has(license) || /^LicenseRef-[A-Za-z0-9.-]+$/.test(license)
}

let known: ReadonlySet<string> | undefined

function identifiers(): ReadonlySet<string> {
  known ??= new Set(
    ['spdx-license-ids/index.json', 'spdx-license-ids/deprecated.json'].flatMap((path) => {
      const list: unknown = JSON.parse(readFileSync(createRequire(import.meta.url).resolve(path), 'utf8'))
      return Array.isArray(list) ? list.filter((id) => typeof id === 'string') : []
    })
  )
  return known
}
