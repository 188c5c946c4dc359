import picomatch from 'picomatch'
import type { Problem } from '../shared/problem.ts'
import type { Tarball } from './tarball.ts'

/**
 * What no package should have in it: secrets by the names they are kept under, dumps, and what a build leaves. Files
 * that packages do ship on purpose are exceptions (`!`). Private keys under other names are found by what is in them.
 */
export const defaultForbiddenFiles: readonly string[] = [
  '**/.env',
  '**/.env.*',
  '!**/.env.{example,sample,template,dist}',
  '**/.envrc',
  '**/*.secret.exs',
  '**/.netrc',
  '**/.git-credentials',
  '**/.docker/config.json',
  '**/hex.config',
  '**/.npmrc',
  '**/.pypirc',
  '**/.pgpass',
  '**/.htpasswd',
  '**/.aws/**',
  '**/.ssh/**',
  '**/id_rsa',
  '**/id_dsa',
  '**/id_ecdsa',
  '**/id_ed25519',
  '**/*.pem',
  '!**/cacert*.pem',
  '**/*.key',
  '**/*.p8',
  '**/*.p12',
  '**/*.pfx',
  '**/*.jks',
  '**/*.kdbx',
  '**/*.dump',
  '**/*.sql.gz',
  '**/erl_crash.dump',
  '**/.git',
  '**/_build',
  '**/node_modules',
  'deps',
  'priv/plts'
]

interface FilePolicy {
  readonly requiredFiles: readonly string[]
  readonly forbiddenFiles?: readonly string[]
}

/**
 * Holds the names of a package's members to the user's globs, which begin at its root, with `/` or without. A glob that
 * matches a folder matches what is in it.
 */
export function checkFiles(tarball: Tarball, { requiredFiles, forbiddenFiles = [] }: FilePolicy): Problem[] {
  const files = tarball.entries.filter(({ kind }) => kind === 'file')
  const missing = requiredFiles.flatMap((glob) => {
    if (glob.startsWith('!')) return [exceptionRequired(glob, tarball)]
    const matches = required(glob)
    return files.some(({ path }) => matches(path)) ? [] : [missingFile(glob, tarball)]
  })
  const { globs, exceptions } = forbidden(forbiddenFiles)
  const found = tarball.entries.flatMap(({ path }) => {
    const glob = globs.find(({ matches }) => matches(path))?.glob
    return glob === undefined || exceptions.some(({ matches }) => matches(path))
      ? []
      : [forbiddenFile(path, glob, tarball)]
  })
  const told = found.slice(0, mostTold)
  const last = told.at(-1)
  if (found.length > mostTold && last !== undefined) {
    told[told.length - 1] = {
      ...last,
      message: `${found.length - mostTold + 1} more files of the package are forbidden.`
    }
  }
  return [...missing, ...told]
}

/** A whole node_modules is one mistake. */
const mostTold = 10

interface Glob {
  readonly glob: string
  readonly matches: (path: string) => boolean
}

function forbidden(lines: readonly string[]): {
  readonly globs: readonly Glob[]
  readonly exceptions: readonly Glob[]
} {
  const all = lines.every((line) => line.startsWith('!')) ? [...defaultForbiddenFiles, ...lines] : lines
  // Secrets are forbidden in any case of letters; what a user excepts is excepted as it is written.
  const compiled = all.map((line) =>
    line.startsWith('!')
      ? { glob: line, matches: matcher(line.slice(1)) }
      : { glob: line, matches: matcher(line, true) }
  )
  return {
    globs: compiled.filter(({ glob }) => !glob.startsWith('!')),
    exceptions: compiled.filter(({ glob }) => glob.startsWith('!'))
  }
}

function matcher(glob: string, nocase = false): (path: string) => boolean {
  const plain = fromRoot(glob).replace(/\/+$/, '')
  return plain === '' ? () => true : picomatch([plain, `${plain}/**`], { dot: true, nocase })
}

/**
 * As shells and Path.wildcard have it, `*` is no name with a dot in front: the .formatter.exs that Ecto puts beside
 * migrations is none. What is in a folder is asked for by `folder/**`, which a file of that name is not.
 */
function required(glob: string): (path: string) => boolean {
  const plain = fromRoot(glob)
  const folder = plain.replace(/(?:\/+|(?:\/|^)\*\*)$/, '')
  const inside = folder === '' ? '**/*' : `${folder}/**/*`
  return picomatch(folder === plain && plain !== '' ? [plain, inside] : inside)
}

/** `./lib` and `/lib` → `lib` */
function fromRoot(glob: string): string {
  return glob.replace(/^(?:\.?\/)+/, '')
}

function exceptionRequired(glob: string, { shown }: Tarball): Problem {
  return {
    code: 'required-file-missing',
    message: `${JSON.stringify(glob)} in required-files begins with "!", and what is required has no exceptions.`,
    hint: `Take the line away. What must not be in the package goes into forbidden-files: ${JSON.stringify(glob.slice(1))}.`,
    file: shown
  }
}

function missingFile(glob: string, { shown, metadata }: Tarball): Problem {
  const listed = metadata.files.slice(0, 5).join(', ')
  return {
    code: 'required-file-missing',
    message: `No file of the package matches ${JSON.stringify(glob)}, which required-files asks for.`,
    hint: `Add it to \`files\` under \`package\` in mix.exs (the package now lists ${listed}${metadata.files.length > 5 ? ', …' : ''}), and see that it is in the repository; or correct required-files.`,
    file: shown
  }
}

function forbiddenFile(path: string, glob: string, { shown }: Tarball): Problem {
  return {
    code: 'forbidden-file',
    message: `The package has ${JSON.stringify(path)} in it, which forbidden-files forbids as ${JSON.stringify(glob)}.`,
    hint: `Leave it out with \`files\` or \`exclude_patterns\` under \`package\`; if users are to get it, add the line ${JSON.stringify(`!${path}`)} to forbidden-files. A secret that was published before must be replaced.`,
    file: shown
  }
}
