/**
 * What rebar.config says of documentation: the provider under `{hex, [{doc, …}]}`, and the folder it writes to
 * (rebar3_hex_build.erl, doc_opts and resolve_dir).
 *
 * @returns undefined where no provider is named
 */
export function rebarDocs(source: string): { readonly provider: string; readonly folder: string } | undefined {
  const config = source.replaceAll(commentsAndQuotes, (piece) => (piece.startsWith('%') ? '' : piece))
  const provider = /\{\s*hex\s*,\s*\[[^]*?\{\s*doc\s*,\s*(?:#\{[^}]*?\bprovider\s*=>\s*)?([a-z]\w*)/.exec(config)?.[1]
  if (provider === undefined) return undefined
  const options = provider === 'edoc' ? 'edoc_opts' : provider
  const folder = new RegExp(`\\{\\s*${options}\\s*,\\s*\\[[^\\]]*?\\{\\s*dir\\s*,\\s*"([^"]*)"`).exec(config)?.[1]
  return { provider, folder: folder ?? 'doc' }
}

/** A quoted text may hold a `%`, and `$%` is a character. */
const commentsAndQuotes = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\$(?:\\.|.)|%[^\n]*/gs
