/**
 * The name GitHub stores an asset under: marks are taken off letters, a leading dot becomes `default.`, every run of
 * other characters than letters, digits, `-`, `_`, `+` and `@` becomes a dot, dots in a row become one, and dots at
 * the ends go. When only an extension is left of a changed name, it gets `default.` in front. That is what gh's copy
 * of the rule does (cli/cli pkg/cmd/release/upload/upload.go), and it fits the names reported in travis-ci/dpl#821.
 */
export function storedAssetName(name: string): string {
  const plain = name
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .normalize('NFC')
  const visible = plain.startsWith('.') ? `default${plain}` : plain
  const stored = visible
    .replaceAll(/[^A-Za-z0-9\-_+@]+/g, '.')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^\.|\.$/g, '')
  return stored !== name && !stored.includes('.') ? `default.${stored}` : stored
}
