import { termText, type ErlangTerm } from '../shared/hex/erlang-terms.ts'
import type { Problem } from '../shared/problem.ts'
import { visitFiles } from './contents.ts'
import { exemptPaths } from './exempt-paths.ts'
import { lineAt, secretsIn } from './secret-forms.ts'
import type { Tarball } from './tarball.ts'

/** What is looked for beside well-known forms, and what is exempt from these. */
export interface SecretRules {
  /** The key of this run, which is exempt nowhere. */
  readonly apiKey?: string | undefined
  /** `secret_scan: [ignore: …]` of the package. */
  readonly ignore?: readonly string[] | undefined
}

/**
 * Looks for credentials in the files and the metadata of a package: ones that can be told by their form alone, so that
 * a finding is one, and the key of this run. hex.pm scans too, but after everybody can download the release. The paths
 * that the package exempts there (`secret_scan: [ignore: …]`) are exempt here.
 * @param apiKey the key of this run
 */
export async function findSecrets(tarball: Tarball, apiKey?: string): Promise<Problem[]> {
  const look = lookFor({ apiKey, ignore: tarball.metadata.secretScanIgnore })
  const tell = (path: string, found: Found): Problem =>
    problem(found, `${JSON.stringify(path)} in the package`, `${tarball.shown}/${path}`)
  const metadata = Buffer.from([...tarball.metadata.raw].flatMap(([key, term]) => [key, ...textsIn(term)]).join('\n'))
  // A text can be spelled in many ways there: what was read is looked through, which has other lines.
  const problems = look('metadata.config', metadata).map((found) =>
    tell('metadata.config', { ...found, line: undefined })
  )
  await visitFiles(
    tarball.contents,
    () => problems.length < mostTold,
    (path, content) => problems.push(...look(path, content).map((found) => tell(path, found)))
  )
  return problems.slice(0, mostTold)
}

/**
 * Looks through documentation, which everybody can read too. Exempt is what the package exempts as `doc/…`, the folder
 * that ExDoc writes.
 * @param shown the folder as the user knows it
 */
export function findSecretsInDocs(
  files: readonly { readonly name: string; readonly bytes: Buffer }[],
  shown: string,
  rules: SecretRules
): readonly Problem[] {
  const look = lookFor(rules)
  const problems: Problem[] = []
  for (const { name, bytes } of files) {
    const file = `${shown}/${name}`
    problems.push(...look(`doc/${name}`, bytes).map((found) => problem(found, JSON.stringify(file), file)))
    if (problems.length >= mostTold) break
  }
  return problems.slice(0, mostTold)
}

const mostTold = 10

interface Found {
  readonly what: string
  readonly line: number | undefined
}

function lookFor({ apiKey = '', ignore = [] }: SecretRules): (path: string, content: Buffer) => readonly Found[] {
  const ownKey = apiKey.length < shortestOwnKey ? undefined : Buffer.from(apiKey)
  const exempt = exemptPaths(ignore)
  return (path, content) => {
    const at = ownKey === undefined ? -1 : content.indexOf(ownKey)
    const own: readonly Found[] = at < 0 ? [] : [{ what: ownKeyOfRun, line: lineAt(content, at) }]
    const known = secretsIn(content)
    // The globs are the package's own and may be many: they are asked only where something was found.
    return known.length === 0 || exempt(path) ? own : [...own, ...known]
  }
}

const ownKeyOfRun = 'the key that this run publishes with'
/** A shorter one is a word of a test, and would be found everywhere. */
const shortestOwnKey = 12

function textsIn(term: ErlangTerm): readonly string[] {
  if (term.kind === 'tuple' || term.kind === 'list') return term.items.flatMap(textsIn)
  if (term.kind === 'map') return term.entries.flat().flatMap(textsIn)
  const text = termText(term)
  return text === undefined ? [] : [text]
}

function problem({ what, line }: Found, shown: string, file: string): Problem {
  return {
    code: 'secret-in-package',
    message: `${line === undefined ? '' : `Line ${line} of `}${shown} has ${what} in it.`,
    hint:
      what === ownKeyOfRun
        ? 'Revoke the key at hex.pm/dashboard/keys, take it out of the file and of the repository, and give the run a new one.'
        : 'Take it out, and replace the secret where it is used: it is in the repository. If it is there for tests, exempt the path with `secret_scan: [ignore: ["…"]]` under `package` in mix.exs, which hex.pm’s own scan follows too (pages of documentation as "doc/…").',
    file,
    ...(line === undefined ? {} : { line })
  }
}
