/**
 * The name GitHub stores an asset under: marks are taken off letters, a leading dot becomes `default.`, every run of
 * other characters than letters, digits, `-`, `_`, `+` and `@` becomes one dot, dots at the ends go, and a changed name
 * without any dot gets `default.` in front. GitHub documents none of this; it is what gh's copy of the rule does
 * (cli/cli, pkg/cmd/release/upload/upload.go), and it fits the names reported in travis-ci/dpl#821.
 *
 * @param fileName without folders
 * @returns undefined where nothing would be left of the name
 */
export function remoteName(fileName: string): string | undefined {
  const plain = fileName
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .normalize('NFC')
  const visible = plain.startsWith('.') ? `default${plain}` : plain
  const stored = visible.replaceAll(/[^A-Za-z0-9_+@-]+/g, '.').replaceAll(/^\.+|\.+$/g, '')
  if (stored === '') return undefined
  return stored !== fileName && !stored.includes('.') ? `default.${stored}` : stored
}

/** What the release page shows instead of a rewritten name: the file's own name, on one line. */
export function labelFor(fileName: string, remote: string): string | undefined {
  return fileName === remote ? undefined : fileName.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}
