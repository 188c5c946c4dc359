import { resolve } from 'node:path'
import type { InputReader } from '../shared/inputs.ts'
import { isLoopback } from '../shared/http.ts'
import { formatPep440, parsePep440, type Pep440Version } from '../shared/pep440.ts'
import type { CommonInputs } from '../shared/phases.ts'
import type { Channel, ReleaseTag } from '../shared/release-tag.ts'
import type { RunContext } from '../shared/run-context.ts'
import { readReleaseTag } from '../shared/tag-input.ts'
import { isWarehouse, knownByUrl, knownIndexes, otherIndex, type PackageIndex } from './package-index.ts'
import { defaultRoutes, isKnownIndex, parseRoutes } from './routes.ts'

/** How uploads are to be authorised. */
export type CredentialSource =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'trusted-publishing'; readonly requestUrl: string; readonly requestToken: string }
  /** PyPI and TestPyPI refuse it; an index of one's own may be open. */
  | { readonly kind: 'none' }

/** What is released, and where to. */
export interface Destination {
  readonly tag: string
  /** The package that the tag names (`client` in `client-v1.0.0`); absent with `tag-prefix`, which says it is no name. */
  readonly taggedPackage: string | undefined
  readonly channel: Channel
  readonly version: Pep440Version
  readonly index: PackageIndex
  /** Why this index: the route, or the input that overrides it. */
  readonly why: string
  readonly credentials: CredentialSource
}

export interface Inputs extends CommonInputs {
  /** Absolute. */
  readonly packagesDir: string
  /** As the user wrote it, for messages. */
  readonly shownDir: string
  /** Absent only when an input was rejected; the run ends then before anything else. */
  readonly destination: Destination | undefined
}

/** Reads and checks the inputs. */
export function readInputs(reader: InputReader, context: RunContext): Inputs {
  const tag = readReleaseTag(reader, context)
  const shownDir = reader.text('packages-dir') ?? 'dist'
  const dryRun = reader.flag('dry-run', false)
  // Every secret is read whatever the index, so that each is masked.
  const tokens = { pypi: reader.secret('pypi-token'), testpypi: reader.secret('testpypi-token') }
  const user = reader.text('user')
  const password = reader.secret('password')
  const chosen = readIndex(reader, tag)
  const version = tag && versionOf(reader, tag, chosen?.index)
  return {
    tag: tag?.raw,
    dryRun,
    packagesDir: resolve(context.workspace, shownDir),
    shownDir: shownDir.replace(/[/\\]+$/, '') || shownDir,
    destination:
      tag === undefined || version === undefined || chosen === undefined
        ? undefined
        : {
            tag: tag.raw,
            taggedPackage: tag.package,
            channel: tag.channel,
            version,
            ...chosen,
            credentials: readCredentials(reader, chosen.index, tokens, user, password, context)
          }
  }
}

function versionOf(reader: InputReader, tag: ReleaseTag, index: PackageIndex | undefined): Pep440Version | undefined {
  const spelling = tag.spellings.pep440
  const version = 'version' in spelling ? parsePep440(spelling.version) : undefined
  const takesLocal = index !== undefined && !isWarehouse(index)
  if (version !== undefined && (version.local === undefined || takesLocal)) return version
  if (version !== undefined) {
    reader.reject({
      code: 'tag-local-version',
      message: `The tag "${tag.raw}" has the local version ${formatPep440(version)}, and PyPI takes none.`,
      hint: 'Take the part after "+" away, or say it as a post- or dev-release (v1.2.3.post1, v1.2.3.dev4).'
    })
    return undefined
  }
  reader.reject({
    code: 'tag-no-python-version',
    message: `The tag "${tag.raw}" has no version that Python knows${'reason' in spelling ? `: ${spelling.reason}` : ''}.`,
    hint: 'Name the tag after a PEP 440 version, or its SemVer spelling: v1.2.3, v1.2.3-alpha.1, v1.2.3-rc.1, v1.2.3.dev4.'
  })
  return undefined
}

function readIndex(
  reader: InputReader,
  tag: ReleaseTag | undefined
): { readonly index: PackageIndex; readonly why: string } | undefined {
  const { routes, problems } = parseRoutes(reader.text('routes') === undefined ? defaultRoutes : reader.lines('routes'))
  for (const problem of problems) reader.reject(problem)
  const given = reader.text('index')
  const override = given === undefined ? undefined : (knownByUrl(given) ?? given)
  const checkUrl = reader.text('check-url')
  if (override !== undefined && !isKnownIndex(override)) {
    const urls = readUrls(reader, override, checkUrl)
    return urls && { index: otherIndex(urls.upload, urls.check), why: 'input index' }
  }
  if (checkUrl !== undefined) {
    reader.reject({
      code: 'check-url',
      message: `Input check-url is given, and the release goes to ${override ?? 'an index that routes name'}, whose address is known.`,
      hint: 'Take check-url away, or give the upload URL of your own index in `index`.'
    })
  }
  if (override !== undefined) return { index: knownIndexes[override], why: 'input index' }
  if (tag === undefined) return undefined
  const route = routes.get(tag.channel)
  if (route !== undefined) return { index: knownIndexes[route], why: `${tag.channel} goes to ${route}` }
  if (problems.length > 0) return undefined
  reader.reject({
    code: 'routes',
    message: `The tag "${tag.raw}" is of the channel ${tag.channel}, which no route names.`,
    hint: `Add "${tag.channel}: pypi" or "${tag.channel}: testpypi" to routes, or do not run this job for such tags.`
  })
  return undefined
}

function readUrls(
  reader: InputReader,
  upload: string,
  check: string | undefined
): { readonly upload: string; readonly check: string } | undefined {
  const uploadOk = checkUrl(reader, 'index', upload, ' or pypi or testpypi')
  if (check === undefined) {
    reader.reject({
      code: 'check-url',
      message: `Input index is the upload URL ${shownUrl(upload)}, and input check-url is missing.`,
      hint: 'Set check-url to the simple index of the same server, the one pip installs from. It shows what is there already.'
    })
    return undefined
  }
  const checkOk = checkUrl(reader, 'check-url', check, '')
  return uploadOk && checkOk ? { upload, check } : undefined
}

function checkUrl(reader: InputReader, input: string, value: string, or: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const wrong =
    url === undefined || !/^https?:$/.test(url.protocol)
      ? `is ${JSON.stringify(shownUrl(value))}, which is no URL`
      : url.username !== '' || url.password !== ''
        ? 'has credentials in the URL'
        : url.protocol === 'http:' && !isLoopback(url.hostname)
          ? `is ${shownUrl(value)}, which would send the password without encryption`
          : /[?#]/.test(value)
            ? `is ${shownUrl(value)} with a query or a fragment, which may hold a secret and would be shown`
            : undefined
  if (wrong === undefined) return true
  reader.reject({
    code: input === 'index' ? 'index-url' : 'check-url',
    message: `Input ${input} ${wrong}.`,
    hint: `Give an https URL${or}. Nothing after the path: a user, a password or a token go into the inputs user and password.`
  })
  return false
}

/** The URL without what may be secret in it. */
function shownUrl(value: string): string {
  return value.replace(/\/\/[^/@]*@/, '//***@').replace(/[?#].*$/s, '')
}

function readCredentials(
  reader: InputReader,
  index: PackageIndex,
  tokens: { readonly pypi: string | undefined; readonly testpypi: string | undefined },
  user: string | undefined,
  password: string | undefined,
  context: RunContext
): CredentialSource {
  if (index.kind === 'index') {
    if (password !== undefined) return { kind: 'password', user: user ?? '__token__', password }
    if (user !== undefined) {
      reader.reject({
        code: 'password-missing',
        message: 'Input user is given, and input password is missing or empty.',
        hint: 'Set password from a secret, and check that the secret exists for this repository, environment and event.'
      })
    }
    return { kind: 'none' }
  }
  if (isWarehouse(index) && (user !== undefined || password !== undefined)) {
    reader.reject({
      code: 'user-password-for-pypi',
      message: `Inputs user and password are given, and the release goes to ${index.label}, which takes neither.`,
      hint: `Use trusted publishing (permissions: id-token: write), or give an API token in ${index.kind}-token.`
    })
  }
  const token = tokens[index.kind]
  if (token !== undefined) return { kind: 'token', token }
  return context.identity === undefined ? { kind: 'none' } : { kind: 'trusted-publishing', ...context.identity }
}
