import { extname } from 'node:path'

/** Media types by extension, for what releases carry; everything else is bytes. Source: IANA and mime-db. */
const types: Readonly<Record<string, string>> = {
  '.7z': 'application/x-7z-compressed',
  '.apk': 'application/vnd.android.package-archive',
  '.asc': 'application/pgp-signature',
  '.bz2': 'application/x-bzip2',
  '.crate': 'application/gzip',
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.deb': 'application/vnd.debian.binary-package',
  '.dmg': 'application/x-apple-diskimage',
  '.exe': 'application/vnd.microsoft.portable-executable',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.html': 'text/html',
  '.jar': 'application/java-archive',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.md': 'text/markdown',
  '.msi': 'application/x-msi',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.rpm': 'application/x-rpm',
  '.sha256': 'text/plain',
  '.sha512': 'text/plain',
  '.sig': 'application/pgp-signature',
  '.svg': 'image/svg+xml',
  '.tar': 'application/x-tar',
  '.tgz': 'application/gzip',
  '.toml': 'application/toml',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.whl': 'application/zip',
  '.xml': 'application/xml',
  '.xz': 'application/x-xz',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
  '.zip': 'application/zip',
  '.zst': 'application/zstd'
}

/** GitHub wants a Content-Type for each asset and serves it with it. */
export function contentType(fileName: string): string {
  return types[extname(fileName).toLowerCase()] ?? 'application/octet-stream'
}
