import { describe, expect, test } from '@jest/globals'
import { compareTarballs } from '../../actions/hex-publish/comparison.ts'
import type { DocsFound } from '../../actions/hex-publish/publish/docs.ts'
import { nothingKnown } from '../../actions/hex-publish/publish/hex-state.ts'
import type { Inputs } from '../../actions/hex-publish/publish/inputs.ts'
import type { Facts } from '../../actions/hex-publish/publish/inspect.ts'
import { plan } from '../../actions/hex-publish/publish/plan.ts'
import type { Remote } from '../../actions/hex-publish/publish/remote.ts'
import { readTarball, type Tarball } from '../../actions/hex-publish/tarball.ts'
import { createHexApi, type HexPackageInfo, type HexRelease } from '../../actions/shared/hex/hex-api.ts'
import { parseReleaseTag, type ReleaseTag } from '../../actions/shared/release-tag.ts'
import { hexTarball, validFiles } from '../support/hex-tarball.ts'
import { testHttp } from '../support/world.ts'

const hour = 3_600_000
const now = Date.UTC(2026, 0, 10)

async function read(bytes: Buffer): Promise<Tarball> {
  const { tarball, problems } = await readTarball(bytes, 'demo_schema-0.1.0.tar')
  expect(problems).toEqual([])
  return tarball!
}

const ours = await read(hexTarball())
const repacked = await read(hexTarball({ padTo: 10_240 }))
const other = await read(hexTarball({ files: { ...validFiles, 'README.md': 'other', 'lib/new.ex': 'x' } }))

function tagged(raw: string): ReleaseTag {
  const parsed = parseReleaseTag(raw)
  if (!('tag' in parsed)) throw new Error('no tag')
  return parsed.tag
}

function inputs(changes: Partial<Inputs> = {}, tag = 'v0.1.0'): Inputs {
  return {
    mode: 'publish',
    tag,
    wanted: { version: '0.1.0', tag: tagged(tag), name: undefined },
    dryRun: false,
    source: { kind: 'tarball', pattern: '*.tar' },
    workspace: '/checkout',
    folder: '/checkout',
    shownFolder: '.',
    docs: 'auto',
    docsFolder: undefined,
    toolchain: { elixir: undefined, otp: undefined },
    organization: undefined,
    apiKey: 'key-of-the-test',
    requiredFiles: [],
    forbiddenFiles: undefined,
    replace: false,
    wait: 300_000,
    lateRegistry: 'fail',
    environment: {},
    ...changes
  }
}

// Never asked: the plan is pure.
const api = createHexApi(testHttp())

const packed: DocsFound = { kind: 'packed', bytes: Buffer.from('docs'), sha256: '0'.repeat(64), files: 3, shown: 'doc' }

function facts(changes: Partial<Facts> = {}): Facts {
  return {
    ...nothingKnown,
    pkg: { name: 'demo_schema' },
    now,
    api,
    tarball: ours,
    tarballPath: '/checkout/demo_schema-0.1.0.tar',
    projectOrganization: undefined,
    versions: undefined,
    buildWarnings: [],
    remote: remote(),
    docs: packed,
    publishedDocs: 'not compared',
    findings: { problems: [], warnings: [], notChecked: [] },
    ...changes
  }
}

function release(published: Tarball, changes: Partial<HexRelease> = {}): HexRelease {
  return {
    version: '0.1.0',
    checksum: published.outerChecksum,
    hasDocs: true,
    insertedAt: now - 48 * hour,
    updatedAt: now - 48 * hour,
    url: 'https://hex.pm/api/packages/demo_schema/releases/0.1.0',
    ...changes
  }
}

const info: HexPackageInfo = {
  name: 'demo_schema',
  repository: 'hexpm',
  insertedAt: now - 1000 * hour,
  releases: [],
  private: false
}

function remote(published?: Tarball, changes: Partial<HexRelease> = {}): Remote {
  return {
    pkg: { name: 'demo_schema' },
    package: published === undefined ? undefined : info,
    release: published === undefined ? undefined : release(published, changes),
    comparison:
      published === undefined || published === ours
        ? undefined
        : { kind: 'compared', difference: compareTarballs(published, ours), size: published.size },
    elsewhere: []
  }
}

/** `create demo 0.1.0` for each step; or the codes and messages of the problems. */
function decided(given: Inputs, found: Facts): { steps: string[]; codes: string[]; messages: string } {
  const result = plan(given, found)
  return 'plan' in result
    ? { steps: result.plan.steps.map(({ kind, target }) => `${kind} ${target}`), codes: [], messages: '' }
    : {
        steps: [],
        codes: result.problems.map(({ code }) => code),
        messages: result.problems.map(({ message, hint }) => `${message} ${hint}`).join('\n')
      }
}

describe('the release', () => {
  test('is created where Hex does not have it, and its docs with it', () => {
    expect(decided(inputs(), facts()).steps).toEqual(['create demo_schema 0.1.0', 'create docs of demo_schema 0.1.0'])
  })

  test('is left alone where the same bytes are there', () => {
    const result = plan(inputs(), facts({ remote: remote(ours) }))
    expect(result).toMatchObject({ plan: { release: 'unchanged', checksum: ours.outerChecksum } })
    expect(decided(inputs(), facts({ remote: remote(ours) })).steps).toEqual([
      'unchanged demo_schema 0.1.0',
      'unchanged docs of demo_schema 0.1.0'
    ])
  })

  test('is left alone where the same contents are there in other bytes, whose checksum then counts', () => {
    expect(repacked.outerChecksum).not.toBe(ours.outerChecksum)
    const result = plan(inputs(), facts({ remote: remote(repacked) }))
    expect(result).toMatchObject({ plan: { release: 'unchanged', checksum: repacked.outerChecksum } })
    expect(JSON.stringify(result)).toContain('packed into other bytes')
  })

  test('with other contents is an error that names the files and both checksums', () => {
    const { codes, messages } = decided(inputs(), facts({ remote: remote(other) }))
    expect(codes).toEqual(['hex-different-release'])
    for (const told of [
      ours.outerChecksum,
      other.outerChecksum,
      'README.md differs',
      'lib/new.ex only on Hex',
      'metadata files'
    ])
      expect(messages).toContain(told)
  })

  test('with so many other files has only some of them listed, and the rest counted', async () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`lib/file${n}.ex`, String(n)]))
    const many = await read(hexTarball({ files: { ...validFiles, ...files } }))
    expect(decided(inputs(), facts({ remote: remote(many) })).messages).toContain('and 18 more files')
  })

  test('that cannot be compared is not called different', () => {
    const found: Remote = { ...remote(other), comparison: { kind: 'not compared', why: 'GET was answered 503' } }
    const { codes, messages } = decided(inputs(), facts({ remote: found }))
    expect(codes).toEqual(['release-not-compared'])
    expect(messages).toContain('GET was answered 503')
  })

  test('with other contents is replaced where that is wanted and the window is open, which is shown', () => {
    const found = remote(other, { insertedAt: now - hour / 2 })
    const result = plan(inputs({ replace: true }), facts({ remote: found }))
    expect(result).toMatchObject({
      plan: { release: 'replace', checksum: ours.outerChecksum, docs: { kind: 'update' } }
    })
    expect(JSON.stringify(result)).toContain('2026-01-10 00:30:00')
  })

  test('with other contents is not replaced when the window is closed, which is shown with what to do', () => {
    const { codes, messages } = decided(inputs({ replace: true }), facts({ remote: remote(other) }))
    expect(codes).toEqual(['hex-window-closed'])
    expect(messages).toContain('2026-01-08 01:00:00')
    expect(messages).toContain('mode: retire')
  })

  test('of an organization has no window', () => {
    const pkg = { name: 'demo_schema', organization: 'acme' }
    const found = facts({ pkg, remote: { ...remote(other), pkg } })
    expect(decided(inputs({ replace: true, organization: 'acme' }), found).steps[0]).toBe(
      'update acme/demo_schema 0.1.0'
    )
  })

  test('is not replaced by what it is already, though that is wanted', () => {
    for (const there of [ours, repacked])
      expect(decided(inputs({ replace: true }), facts({ remote: remote(there) })).steps[0]).toMatch(/^unchanged/)
  })

  test('that Hex stored by half is sent once more where replace is true, and its window is open', () => {
    const registry = { state: 'unstored', detail: 'broke off' } as const
    const found = facts({ registry, remote: remote(ours, { insertedAt: now }) })
    expect(decided(inputs({ replace: true }), found).steps[0]).toBe('update demo_schema 0.1.0')
    expect(plan(inputs(), found)).toMatchObject({ plan: { release: 'unchanged', unsettled: true } })
    const closed = facts({ registry, remote: remote(ours) })
    expect(decided(inputs({ replace: true }), closed).codes).toEqual(['hex-window-closed'])
  })

  test('that the registry does not show yet is still to be waited for', () => {
    const late = { state: 'late', detail: 'not there' } as const
    const visible = { state: 'visible', detail: 'there' } as const
    expect(plan(inputs(), facts({ remote: remote(ours), registry: late }))).toMatchObject({ plan: { unsettled: true } })
    expect(plan(inputs(), facts({ remote: remote(ours), registry: visible }))).toMatchObject({
      plan: { unsettled: false }
    })
  })
})

describe('the docs', () => {
  const none: DocsFound = { kind: 'none', why: 'there is no task docs' }

  test('are sent where they are missing, on a rerun too', () => {
    const found = facts({ remote: remote(ours, { hasDocs: false }) })
    expect(decided(inputs(), found).steps).toEqual(['unchanged demo_schema 0.1.0', 'create docs of demo_schema 0.1.0'])
  })

  test('that nobody made are named in the plan', () => {
    const result = plan(inputs(), facts({ docs: none }))
    expect(result).toMatchObject({
      plan: { steps: [{ kind: 'create' }, { kind: 'unchanged', why: 'there is no task docs' }] }
    })
  })

  test.each([
    ['equal', true, 'unchanged'],
    ['other', true, 'update'],
    ['not compared', true, 'update'],
    ['other', false, 'unchanged']
  ] as const)('that are %s beside an unchanged release (replace: %s) are %s', (publishedDocs, replace, kind) => {
    const found = facts({ publishedDocs, remote: remote(ours) })
    expect(decided(inputs({ replace }), found).steps[1]).toBe(`${kind} docs of demo_schema 0.1.0`)
  })

  test('in mode docs need a release', () => {
    const given = inputs({ mode: 'docs' })
    expect(decided(given, facts({ tarball: undefined })).codes).toEqual(['release-not-there'])
  })

  test.each([
    ['equal', true, 'unchanged'],
    ['other', true, 'update'],
    ['not compared', true, 'update'],
    ['not compared', false, 'create']
  ] as const)('in mode docs that are %s (there: %s) are %s', (publishedDocs, hasDocs, kind) => {
    const found = facts({ tarball: undefined, publishedDocs, remote: remote(ours, { hasDocs }) })
    const { steps } = decided(inputs({ mode: 'docs' }), found)
    expect(steps).toEqual([`${kind} docs of demo_schema 0.1.0`])
  })
})

describe('the key', () => {
  const refused = { code: 'hex-key-revoked', message: 'revoked', hint: 'new' }
  const key = { state: 'refused', problems: [refused], warnings: [], notes: [], notChecked: [] } as const

  test('that is missing stops a release', () => {
    expect(decided(inputs({ apiKey: undefined }), facts()).codes).toEqual(['api-key-missing'])
  })

  test('that is missing does not stop a dry run, nor a rerun with nothing to send', () => {
    expect(decided(inputs({ apiKey: undefined, dryRun: true }), facts()).codes).toEqual([])
    expect(decided(inputs({ apiKey: undefined }), facts({ remote: remote(ours) })).codes).toEqual([])
  })

  test('that is refused stops a release and a dry run, and not a rerun with nothing to send', () => {
    expect(decided(inputs(), facts({ key })).codes).toEqual(['hex-key-revoked'])
    expect(decided(inputs({ dryRun: true }), facts({ key })).codes).toEqual(['hex-key-revoked'])
    expect(decided(inputs(), facts({ key, remote: remote(ours) })).codes).toEqual([])
  })
})

describe('the tarball', () => {
  test.each(['v0.1.0', 'demo_schema-v0.1.0', 'demo-schema-v0.1.0', 'demo_schema@0.1.0', 'libs/demo_schema/v0.1.0'])(
    'of demo_schema 0.1.0 is what the tag %s names',
    (tag) => {
      expect(decided(inputs({}, tag), facts()).codes).toEqual([])
    }
  )

  test.each([
    ['v0.1.1', 'version-mismatch', '"v0.1.1" says'],
    ['v0.1.0-rc.1', 'version-mismatch', 'is version 0.1.0'],
    ['other-v0.1.0', 'tag-other-package', "tag-prefix: 'other-v'"]
  ])('of demo_schema 0.1.0 is not what the tag %s names', (tag, code, told) => {
    const { codes, messages } = decided(inputs({}, tag), facts())
    expect(codes).toEqual([code])
    expect(messages).toContain(told)
  })

  test('of another package than mode docs is about is refused', () => {
    const given = inputs({ mode: 'docs', wanted: { version: '0.2.0', tag: undefined, name: 'other' } })
    expect(decided(given, facts({ remote: remote(ours) })).codes).toEqual(['version-mismatch', 'other-package'])
  })
})

describe('the organization', () => {
  test.each([
    [undefined, 'acme', 'organization-mismatch', 'the organization acme'],
    ['acme', undefined, 'organization-mismatch', 'publishes to the public repository'],
    ['acme', 'other', 'organization-mismatch', 'the organization other']
  ])('given as %s and in mix.exs as %s is a contradiction', (organization, name, code, told) => {
    const pkg = { name: 'demo_schema', ...(organization === undefined ? {} : { organization }) }
    const { codes, messages } = decided(
      inputs({ organization }),
      facts({ pkg, projectOrganization: { name, file: 'mix.exs' } })
    )
    expect(codes).toEqual([code])
    expect(messages).toContain(told)
  })

  test('is not given a new package that has a public one of its name', () => {
    const pkg = { name: 'demo_schema', organization: 'acme' }
    const found = facts({ pkg, remote: { ...remote(), pkg, elsewhere: ['hexpm'] } })
    expect(decided(inputs({ organization: 'acme' }), found).codes).toEqual(['public-package-exists'])
  })

  test('forgotten for a package that is only private stops before it becomes public', () => {
    const { codes, messages } = decided(inputs(), facts({ remote: { ...remote(), elsewhere: ['acme'] } }))
    expect(codes).toEqual(['private-package-exists'])
    expect(messages).toContain('organization: acme')
  })
})

test('everything that is wrong is told at once', () => {
  const problem = { code: 'policy', message: 'a file', hint: 'out' }
  const found = facts({
    findings: { problems: [problem], warnings: [], notChecked: [] },
    remote: remote(other),
    projectOrganization: { name: 'acme', file: 'mix.exs' }
  })
  expect(decided(inputs({ apiKey: undefined }, 'other-v0.1.1'), found).codes).toEqual([
    'policy',
    'version-mismatch',
    'tag-other-package',
    'organization-mismatch',
    'hex-different-release'
  ])
})
