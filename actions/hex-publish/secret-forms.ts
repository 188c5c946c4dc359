/** Something in a text that looks like a credential, without the credential. */
export interface SecretFound {
  /** `a GitHub token` */
  readonly what: string
  /** 1-based. */
  readonly line: number
}

/**
 * Credentials that can be told by their form alone, the first of each kind. Takes time in proportion to the length,
 * whatever the content: it comes from the package.
 */
export function secretsIn(content: Buffer): readonly SecretFound[] {
  if (!hints.some((hint) => content.includes(hint))) return []
  // Latin-1 keeps offsets, and everything looked for is ASCII.
  const text = content.toString('latin1')
  return secrets.flatMap(({ what, pattern, goesOn }) => {
    for (const match of text.matchAll(pattern)) {
      const rest = goesOn?.(text, match.index + match[0].length)
      if (goesOn !== undefined && rest === undefined) continue
      if (!isPlaceholder(rest ?? match[0])) return [{ what, line: lineAt(content, match.index) }]
    }
    return []
  })
}

/** The 1-based line of a byte. */
export function lineAt(content: Buffer, offset: number): number {
  let line = 1
  for (let at = content.indexOf(10); at >= 0 && at < offset; at = content.indexOf(10, at + 1)) line++
  return line
}

interface SecretForm {
  readonly what: string
  /** What stands in every one of them, to pass over most files quickly. */
  readonly hint: string
  /**
   * Of bounded length, and with nothing in it that repeats what repeats: slow on no text, and V8's stack holds it.
   */
  readonly pattern: RegExp
  /** Gives what must stand behind the pattern too. */
  readonly goesOn?: (text: string, at: number) => string | undefined
}

/** Forms that the services publish so that scanners can know them. */
const secrets: readonly SecretForm[] = [
  {
    what: 'a private key',
    hint: 'PRIVATE KEY',
    pattern: /-----BEGIN (?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----/g,
    // Code that reads keys has the header alone.
    goesOn: firstKeyLine
  },
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((hint) => ({
    what: 'a GitHub token',
    hint,
    pattern: new RegExp(`\\b${hint}[A-Za-z0-9]{36}\\b`, 'g')
  })),
  { what: 'a GitHub token', hint: 'github_pat_', pattern: /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g },
  { what: 'a GitLab token', hint: 'glpat-', pattern: /\bglpat-[A-Za-z0-9_-]{20}/g },
  { what: 'an AWS access key', hint: 'AKIA', pattern: /\bAKIA[A-Z2-7]{16}\b/g },
  { what: 'a Slack token', hint: 'xox', pattern: /\bxox[abprs]-[0-9]{8,14}-[A-Za-z0-9-]{16}/g },
  { what: 'a Stripe key', hint: 'k_live_', pattern: /\b[rs]k_live_[A-Za-z0-9]{24}/g },
  { what: 'an npm token', hint: 'npm_', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { what: 'a PyPI token', hint: 'pypi-AgE', pattern: /\bpypi-AgE[A-Za-z0-9_-]{50}/g },
  { what: 'a SendGrid key', hint: 'SG.', pattern: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b/g },
  { what: 'an Anthropic key', hint: 'sk-ant-', pattern: /\bsk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{80}/g },
  { what: 'a DigitalOcean token', hint: 'dop_v1_', pattern: /\bdop_v1_[a-f0-9]{64}\b/g },
  { what: 'a Fly.io token', hint: 'fm2_', pattern: /\bfm2_[A-Za-z0-9+/=_-]{100}/g }
]

const hints = [...new Set(secrets.map(({ hint }) => Buffer.from(hint)))]

/** Lines such as `DEK-Info: …` that a key may begin with. */
const mostHeaders = 4

/**
 * The beginning of a key's base64, behind line breaks (`\n` may be spelled out) and the headers of RFC 1421. Each part
 * is taken once and never given back, so that no text makes it slow.
 */
function firstKeyLine(text: string, start: number): string | undefined {
  let at = start
  const take = (part: RegExp): string => {
    part.lastIndex = at
    const [taken = ''] = part.exec(text) ?? []
    at += taken.length
    return taken
  }
  for (let headers = 0; take(lineBreaks) !== ''; headers++) {
    if (headers < mostHeaders && take(headerName) !== '') take(headerValue)
    else return take(base64) || undefined
  }
  return undefined
}

const lineBreaks = /(?:\\[nr]|\s){1,80}/y
const headerName = /[A-Za-z-]{1,40}: /y
/** Up to a line break of either spelling. */
const headerValue = /[^\r\n\\]{0,80}/y
const base64 = /[A-Za-z0-9+/]{32}/y

/** `ghp_xxxxxxxx…` and `AKIAIOSFODNN7EXAMPLE` stand in documentation. */
function isPlaceholder(found: string): boolean {
  return /EXAMPLE$/.test(found) || new Set(found.slice(-20)).size < 6
}
