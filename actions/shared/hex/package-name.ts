/**
 * Whether hex.pm takes the text as the name of a package: two characters or more, lower-case letters, digits and
 * underscores, a letter first (lib/hexpm/repository/package.ex of hexpm). Names that it reserves pass here.
 */
export function isHexPackageName(text: string): boolean {
  return /^[a-z][a-z0-9_]+$/.test(text)
}
