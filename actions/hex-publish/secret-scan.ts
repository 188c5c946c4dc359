import picomatch from 'picomatch'
import type { Problem } from '../shared/problem.ts'
import { visitFiles } from './contents.ts'
import type { Tarball } from './tarball.ts'

/**
 * Looks for credentials in the files of a package: ones that can be told by their form alone, so that a finding is
 * one, and the key of this run. hex.pm scans too, but after everybody can download the release. The paths that the
 * package exempts there (`secret_scan: [ignore: …]`) are exempt here; the run's own key never is.
 * @param apiKey the key of this run
 */
export async function findSecrets(tarball: Tarball, apiKey?: string): Promise<Problem[]> {
  const ignored = picomatch([...tarball.metadata.secretScanIgnore], { dot: true })
  const ownKey = apiKey === undefined || apiKey.length < shortestOwnKey ? undefined : Buffer.from(apiKey)
  const problems: Problem[] = []
  await visitFiles(
    tarball.contents,
    () => problems.length < mostTold,
    (path, content) => {
      if (ownKey !== undefined && content.includes(ownKey)) {
        problems.push(ownKeyFound(path, lineAt(content, content.indexOf(ownKey)), tarball))
      }
      if (ignored(path)) return
      for (const { what, line } of secretsIn(content)) problems.push(finding(what, path, line, tarball))
    }
  )
  return problems.slice(0, mostTold)
}

const mostTold = 10
/** A shorter one is a word of a test, and would be found everywhere. */
const shortestOwnKey = 12

/** The first finding of each kind in a file. */
function secretsIn(content: Buffer): { readonly what: string; readonly line: number }[] {
  if (!hints.some((hint) => content.includes(hint))) return []
  // Latin-1 keeps offsets, and everything looked for is ASCII.
  const text = content.toString('latin1')
  return secrets.flatMap(({ what, pattern }) => {
    for (const match of text.matchAll(pattern)) {
      if (!isPlaceholder(match[0])) return [{ what, line: lineAt(content, match.index) }]
    }
    return []
  })
}

interface SecretForm {
  readonly what: string
  /** What stands in every one of them, to pass over most files quickly. */
  readonly hint: string
  readonly pattern: RegExp
}

/** Forms that the services publish so that scanners can know them; each is linear to look for. */
const secrets: readonly SecretForm[] = [
  {
    what: 'a private key',
    hint: 'PRIVATE KEY',
    // With its first line of base64 behind it: code that reads keys has the header alone. `\n` may be spelled out.
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:\\n|\s){1,80}(?:[A-Za-z-]{1,40}: [^\n\\]{0,80}(?:\\n|\s){1,80}){0,4}[A-Za-z0-9+/]{32}/g
  },
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((hint) => ({
    what: 'a GitHub token',
    hint,
    pattern: new RegExp(`\\b${hint}[A-Za-z0-9]{36}\\b`, 'g')
  })),
  { what: 'a GitHub token', hint: 'github_pat_', pattern: /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g },
  { what: 'a GitLab token', hint: 'glpat-', pattern: /\bglpat-[A-Za-z0-9_-]{20}/g },
  { what: 'an AWS access key', hint: 'AKIA', pattern: /\bAKIA[A-Z2-7]{16}\b/g },
  { what: 'a Slack token', hint: 'xox', pattern: /\bxox[abprs]-[0-9]{8,14}-[A-Za-z0-9-]{16,}/g },
  { what: 'a Stripe key', hint: 'k_live_', pattern: /\b[rs]k_live_[A-Za-z0-9]{24,}/g },
  { what: 'an npm token', hint: 'npm_', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { what: 'a PyPI token', hint: 'pypi-AgE', pattern: /\bpypi-AgE[A-Za-z0-9_-]{50,}/g },
  { what: 'a SendGrid key', hint: 'SG.', pattern: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b/g },
  { what: 'an Anthropic key', hint: 'sk-ant-', pattern: /\bsk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{80,}/g },
  { what: 'a DigitalOcean token', hint: 'dop_v1_', pattern: /\bdop_v1_[a-f0-9]{64}\b/g },
  { what: 'a Fly.io token', hint: 'fm2_', pattern: /\bfm2_[A-Za-z0-9+/=_-]{100,}/g }
]

const hints = [...new Set(secrets.map(({ hint }) => Buffer.from(hint)))]

/** `ghp_xxxxxxxx…` and `AKIAIOSFODNN7EXAMPLE` stand in documentation. */
function isPlaceholder(found: string): boolean {
  return /EXAMPLE$/.test(found) || new Set(found.slice(-20)).size < 6
}

function lineAt(content: Buffer, offset: number): number {
  let line = 1
  for (let at = content.indexOf(10); at >= 0 && at < offset; at = content.indexOf(10, at + 1)) line++
  return line
}

function finding(what: string, path: string, line: number, { shown }: Tarball): Problem {
  return {
    code: 'secret-in-package',
    message: `Line ${line} of ${JSON.stringify(path)} in the package has ${what} in it.`,
    hint: 'Take it out, and replace the secret where it is used: it is in the repository. If it is there for tests, exempt the path with `secret_scan: [ignore: ["…"]]` under `package` in mix.exs, which hex.pm’s own scan follows too.',
    file: `${shown}/${path}`,
    line
  }
}

function ownKeyFound(path: string, line: number, tarball: Tarball): Problem {
  return {
    ...finding('the key that this run publishes with', path, line, tarball),
    hint: 'Revoke the key at hex.pm/dashboard/keys, take it out of the file and of the repository, and give the run a new one.'
  }
}
