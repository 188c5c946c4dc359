import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { hexTarball, validFiles } from '../support/hex-tarball.ts'
import { publishInProcess, type InProcessRun } from './in-process.ts'
import { ready, sha256, startRelease, writes, type Release } from './release.ts'

let release: Release
beforeEach(async () => {
  release = await startRelease()
})
afterEach(async () => {
  await release.sandbox.close()
})

const ours = hexTarball()
const complete = [`0.1.0 ${sha256(ours)} docs`]
const releasePost = 'POST /api/packages/demo_schema/releases'
const docsPost = 'POST /api/packages/demo_schema/releases/0.1.0/docs'

const releases = 'POST hex.pm/api/packages/demo_schema/releases'
const docs = 'POST hex.pm/api/packages/demo_schema/releases/0.1.0/docs'

function publish(inputs: Readonly<Record<string, string>> = {}): Promise<InProcessRun> {
  return publishInProcess(release.sandbox, release.workspace, { ...ready, ...inputs })
}

function sent(what: string): number {
  return writes(release.sandbox).filter((each) => each === what).length
}

/** Every kind of request of a first release, by a rule that strikes it. */
const reads = [
  'GET hex.pm/api/auth',
  'GET hex.pm/api/keys',
  'GET hex.pm/api/packages/demo_schema',
  'GET hex.pm/api/users/me',
  'GET hex.pm/api/packages/demo_schema/releases/0.1.0',
  'GET repo.hex.pm/packages/demo_schema',
  'GET repo.hex.pm/tarballs/demo_schema-0.1.0.tar'
] as const

describe('every read at once', () => {
  test.each([
    '#1 503',
    '#1 502 html',
    '#1 reset-before',
    '#1 reset-after',
    '#1 truncate',
    '#1 429 retry-after=2',
    '#1 stall 300ms',
    '#1-2 500'
  ])('%s does no harm', async (fault) => {
    for (const read of reads) release.sandbox.fault(`${read} ${fault}`)
    const run = await publish()
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(release.published()).toEqual(complete)
    expect(writes(release.sandbox)).toEqual([releasePost, docsPost])
    expect(release.sandbox.faults.map(({ struck }) => struck > 0)).toEqual(reads.map(() => true))
  })
})

describe('an outage of hex.pm that does not end', () => {
  test('while it is read stops the run before anything is sent', async () => {
    release.sandbox.fault('GET hex.pm/api/packages/demo_schema #1+ 503')
    const run = await publish()
    expect(run.codes).toEqual(['hex-outage'])
    expect(run.problems[0]?.hint).toContain('status.hex.pm')
    expect(writes(release.sandbox)).toEqual([])
  })

  test('at the key check is not taken for a bad key', async () => {
    release.sandbox.fault('GET hex.pm/api/auth #1+ 503')
    const run = await publish()
    expect(run.status).toBe('published')
  })

  test('a sign-in page in the place of the API stops the run before anything is sent', async () => {
    release.sandbox.fault('GET hex.pm/api/packages/demo_schema #1+ 200 html body="<html>Sign in</html>"')
    const run = await publish()
    expect(run.codes).toEqual(['hex-answer'])
    expect(run.problems[0]?.message).toContain('Sign in')
    expect(writes(release.sandbox)).toEqual([])
  })

  test('broken JSON stops the run before anything is sent', async () => {
    release.sandbox.hex.addRelease(hexTarball({ metadata: { version: '0.0.9' } }))
    release.sandbox.fault('GET hex.pm/api/packages/demo_schema #1+ corrupt-json')
    const run = await publish()
    expect(run.codes).toEqual(['hex-answer'])
    expect(writes(release.sandbox)).toEqual([])
  })

  test('a redirect to another host is not followed by an upload', async () => {
    release.sandbox.fault(`${releases} #1 308 location=https://evil.example/api`)
    const run = await publish()
    expect(run.codes).toEqual(['http-refused'])
    expect(release.sandbox.requests.every(({ url }) => !url.includes('evil.example'))).toBe(true)
  })
})

describe('the upload of the release', () => {
  test.each(['reset-after', '500 after', '502 html after', '504 after', '201 after body="{}"', 'stall 300ms after'])(
    '%s is settled by reading it back, not by a second upload',
    async (fault) => {
      release.sandbox.fault(`${releases} #1 ${fault}`)
      const run = await publish()
      expect([run.status, run.codes]).toEqual(['published', []])
      expect(release.published()).toEqual(complete)
      expect(sent(releasePost)).toBe(1)
    }
  )

  test.each(['reset-before', 'reset-body', '500', '503 html', '429 retry-after=3', '408'])(
    '%s is tried again once Hex shows that nothing arrived',
    async (fault) => {
      release.sandbox.fault(`${releases} #1 ${fault}`)
      const run = await publish()
      expect([run.status, run.codes]).toEqual(['published', []])
      expect(release.published()).toEqual(complete)
      expect(sent(releasePost)).toBe(2)
    }
  )

  test('that is never answered well is told as an outage, and nothing more is sent', async () => {
    release.sandbox.fault(`${releases} #1+ 503`)
    const run = await publish()
    expect(run.status).toBe('failed')
    expect(run.codes).toContain('hex-upload-unsettled')
    expect(release.published()).toEqual([])
    expect(sent(docsPost)).toBe(0)
    expect(run.receipt.targets[0]?.files.map(({ status }) => status)).toEqual(['unknown', 'missing'])
    expect(run.told).toContain('Run the failed job again')
  })

  test('that another job was quicker with, in the same bytes, is a success', async () => {
    addWhileSending(ours)
    const run = await publish()
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(sent(releasePost)).toBe(1)
  })

  test('that another job was quicker with, in other bytes, names both checksums', async () => {
    const other = hexTarball({ files: { ...validFiles, 'README.md': 'other' } })
    addWhileSending(other)
    const run = await publish()
    expect(run.codes).toContain('hex-different-release')
    expect(run.problems[0]?.message).toContain(sha256(other))
    expect(run.problems[0]?.message).toContain(sha256(ours))
    expect(sent(docsPost)).toBe(0)
  })

  test.each([
    ['401 body="{\\"status\\":401,\\"message\\":\\"invalid API key\\"}"', 'hex-key-refused'],
    ['401 body="{\\"status\\":401,\\"message\\":\\"API key revoked\\"}"', 'hex-key-revoked'],
    ['401 body="{\\"status\\":401,\\"message\\":\\"key not authorized for this action\\"}"', 'hex-key-not-allowed'],
    ['401 body="{\\"status\\":401,\\"message\\":\\"missing authentication information\\"}"', 'hex-key-missing'],
    ['403 body="{\\"status\\":403,\\"message\\":\\"account not authorized for this action\\"}"', 'hex-not-owner'],
    ['403 body="{\\"status\\":403,\\"message\\":\\"email not verified\\"}"', 'hex-account'],
    ['403 body="{\\"status\\":403,\\"message\\":\\"Blocked\\"}"', 'hex-forbidden'],
    ['413', 'hex-too-large'],
    ['422 body="{\\"errors\\":{\\"tar\\":\\"too big\\"}}"', 'hex-too-large'],
    ['422 body="{\\"errors\\":{\\"meta\\":{\\"licenses\\":\\"invalid license\\"}}}"', 'hex-metadata-refused'],
    ['422 body="{\\"errors\\":{\\"requirements\\":{\\"x\\":\\"package does not exist\\"}}}"', 'hex-requirement'],
    ['418 html', 'hex-unexpected']
  ])('that Hex refuses with %s is told as %s, and nothing more is sent', async (fault, code) => {
    release.sandbox.fault(`${releases} #1+ ${fault}`)
    const run = await publish()
    expect(run.codes).toEqual([code])
    expect(sent(releasePost)).toBe(1)
    expect(sent(docsPost)).toBe(0)
    expect(run.receipt.targets[0]?.files.map(({ status }) => status)).toEqual(['missing', 'missing'])
  })

  test('that Hex stores by half is told as such, and mended by replace: true', async () => {
    release.sandbox.fault(`${releases} #1 500 partial`)
    const run = await publish()
    expect(run.codes).toEqual(['release-half-stored'])
    expect(run.problems[0]?.hint).toContain('replace: true')
    const again = await publish()
    expect(again.codes).toEqual(['release-half-stored'])
    expect(sent(releasePost)).toBe(1)
    const mended = await publish({ replace: 'true' })
    expect([mended.status, mended.codes]).toEqual(['published', []])
    expect(release.published()).toEqual(complete)
  })

  test('is read back through a replica that lags', async () => {
    release.sandbox.fault('GET hex.pm/api/packages/demo_schema/releases/0.1.0 #1-3 stale')
    const run = await publish()
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(writes(release.sandbox)).toEqual([releasePost, docsPost])
  })

  /** Lets another job's release arrive after ours was inspected and before it is sent. */
  function addWhileSending(bytes: Buffer): void {
    const stop = release.sandbox.intercept(({ method }, moment) => {
      if (method !== 'POST' || moment !== 'before') return
      release.sandbox.hex.addRelease(bytes)
      stop()
    })
  }
})

describe('the upload of the docs', () => {
  test.each([
    'reset-before',
    'reset-body',
    'reset-after',
    '500',
    '502 html after',
    '503 html',
    '429 retry-after=3',
    '500 partial',
    'stall 300ms'
  ])('%s does no harm: what arrives twice is the same', async (fault) => {
    release.sandbox.fault(`${docs} #1 ${fault}`)
    const run = await publish()
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(release.published()).toEqual(complete)
    expect(sent(releasePost)).toBe(1)
  })

  test.each([
    ['503', 'hex-outage', 'unknown'],
    ['reset-before', 'http-reset', 'unknown'],
    ['422 body="{\\"errors\\":{\\"tar\\":\\"too big\\"}}"', 'hex-too-large', 'missing'],
    ['401 body="{\\"message\\":\\"key not authorized for this action\\"}"', 'hex-key-not-allowed', 'missing']
  ])(
    'that fails with %s for good fails the job, says that the package is out, and is repaired',
    async (fault, code, status) => {
      release.sandbox.fault(`${docs} #1-4 ${fault}`)
      const run = await publish()
      expect(run.codes).toEqual([code])
      expect(run.problems[0]?.message).toContain('demo_schema 0.1.0 is published; its docs are not')
      expect(run.problems[0]?.hint).toContain('sends only the docs')
      expect(run.told).toContain('is not complete on Hex')
      expect(run.receipt.targets[0]?.files.map((file) => file.status)).toEqual(['uploaded', status])
      for (let n = release.sandbox.faults[0]?.struck ?? 0; n < 4; n++) await publish()
      const again = await publish()
      expect([again.status, again.codes]).toEqual(['published', []])
      expect(release.published()).toEqual(complete)
      expect(sent(releasePost)).toBe(1)
    }
  )
})

describe('the registry', () => {
  test.each(['503', '403', '404', '502 html', 'reset-before', 'truncate', '200 body="no object"'])(
    'that answers %s to the end is late, and never a reason to publish again',
    async (fault) => {
      release.sandbox.fault(`GET repo.hex.pm/packages/demo_schema #1+ ${fault}`)
      const run = await publish({ wait: '300' })
      expect(run.codes).toEqual(['registry-late'])
      expect(run.problems[0]?.message).toContain('after 300 s')
      expect(run.waited).toBeGreaterThanOrEqual(295_000)
      expect(run.waited).toBeLessThanOrEqual(310_000)
      expect(sent(releasePost)).toBe(1)
      expect(run.receipt.targets[0]?.files.map(({ status }) => status)).toEqual(['uploaded', 'uploaded'])
      const again = await publish({ wait: '300', 'late-registry': 'warn' })
      expect([again.status, again.codes]).toEqual(['unchanged', []])
      expect(again.receipt.notChecked.join()).toContain('not after 300 s')
      expect(sent(releasePost)).toBe(1)
    }
  )

  test('whose tarball is not served yet is waited for', async () => {
    release.sandbox.fault('GET repo.hex.pm/tarballs/demo_schema-0.1.0.tar #1-3 404')
    const run = await publish()
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(run.waited).toBeGreaterThanOrEqual(3_000)
  })
})

describe('what Hex shows', () => {
  test('after the upload must be what was sent', async () => {
    const other = hexTarball({ files: { ...validFiles, 'README.md': 'other' } })
    const stop = release.sandbox.intercept(({ method, url }, moment) => {
      if (method !== 'POST' || moment !== 'after' || !url.pathname.endsWith('/docs')) return
      release.sandbox.hex.addRelease(other)
      stop()
    })
    const run = await publish()
    expect(run.codes).toEqual(['hex-different-release'])
    expect(run.problems[0]?.message).toContain(`sha256 ${sha256(other)} there, ${sha256(ours)} here`)
    expect(run.receipt.targets[0]?.files.map(({ status }) => status)).toEqual(['uploaded', 'uploaded'])
  })

  test('as a tarball is believed only when it has the checksum of the API', async () => {
    release.sandbox.hex.addRelease(hexTarball({ files: { ...validFiles, 'README.md': 'other' } }))
    const [there] = release.sandbox.hex.state.packages.find(({ name }) => name === 'demo_schema')?.releases ?? []
    if (there !== undefined) there.stored = hexTarball({ padTo: 10_240 })
    const run = await publish()
    expect(run.codes).toEqual(['release-not-compared'])
    expect(run.problems[0]?.message).toContain(sha256(hexTarball({ padTo: 10_240 })))
  })
})

describe('a rerun', () => {
  test.each(['503', 'reset-before', '429 retry-after=1', 'truncate'])(
    'meets %s at any read without harm',
    async (fault) => {
      await publish()
      const before = writes(release.sandbox).length
      release.sandbox.fault(`GET hex #1 ${fault}`)
      const run = await publish()
      expect([run.status, run.codes]).toEqual(['unchanged', []])
      expect(writes(release.sandbox)).toHaveLength(before)
    }
  )
})
