import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { hexTarball, validFiles } from '../support/hex-tarball.ts'
import { publishInProcess, type InProcessRun } from './in-process.ts'
import { apiKey, ready, sha256, startRelease, tarballName, writeDocs, writes, type Release } from './release.ts'

let release: Release
beforeEach(async () => {
  release = await startRelease()
})
afterEach(async () => {
  await release.sandbox.close()
})

const ours = hexTarball()
const other = hexTarball({ files: { ...validFiles, 'README.md': 'other' } })
const releasePost = 'POST /api/packages/demo_schema/releases'
const docsPost = 'POST /api/packages/demo_schema/releases/0.1.0/docs'
const releases = 'POST hex.pm/api/packages/demo_schema/releases'
const docs = 'POST hex.pm/api/packages/demo_schema/releases/0.1.0/docs'
const replacing = { replace: 'true' }

function publish(inputs: Readonly<Record<string, string>> = {}, ahead = 0): Promise<InProcessRun> {
  return publishInProcess(release.sandbox, release.workspace, { ...ready, ...inputs }, 'v0.1.0', ahead)
}

function sent(what: string): number {
  return writes(release.sandbox).filter((each) => each === what).length
}

function docsThere(): Buffer | null | undefined {
  return release.sandbox.hex.state.packages.find(({ name }) => name === 'demo_schema')?.releases[0]?.docs
}

describe('a release that is replaced, and that had docs,', () => {
  beforeEach(async () => {
    release.sandbox.hex.addRelease(other)
    await publish({ mode: 'docs', tarball: '', package: 'demo_schema', version: '0.1.0' })
    writeDocs(`${release.workspace}/doc`, { 'index.html': '<!doctype html><title>new</title>' })
  })

  test('gets its own docs from a rerun, where the run that replaced it failed to send them', async () => {
    const before = sha256(docsThere() ?? Buffer.of())
    release.sandbox.fault(`${docs} #1-4 503`)
    const failed = await publish(replacing)
    expect(failed.codes).toEqual(['hex-outage'])
    expect(failed.problems[0]?.hint).toContain('The next run, with `replace: true` as now, sends only the docs')
    expect(failed.told).toContain('How to take it back')
    expect(sha256(docsThere() ?? Buffer.of())).toBe(before)
    const again = await publish(replacing)
    expect([again.status, again.codes]).toEqual(['published', []])
    expect(sha256(docsThere() ?? Buffer.of())).not.toBe(before)
    expect(sent(releasePost)).toBe(1)
    expect((await publish(replacing)).status).toBe('unchanged')
  })

  test('is told to have docs that were not compared, where a rerun no longer says replace', async () => {
    release.sandbox.fault(`${docs} #1-4 503`)
    await publish(replacing)
    const again = await publish()
    expect(again.status).toBe('unchanged')
    expect(again.receipt.notChecked.join()).toContain('whether the documentation on Hex is the project’s')
  })

  test('is not overwritten when somebody else has replaced it since it was inspected', async () => {
    const third = hexTarball({ files: { ...validFiles, 'README.md': 'third' } })
    const stop = release.sandbox.intercept(({ url }, moment) => {
      if (moment !== 'after' || !url.pathname.startsWith('/tarballs/')) return
      release.sandbox.hex.addRelease(third)
      stop()
    })
    const run = await publish(replacing)
    expect(run.codes).toEqual(['hex-different-release'])
    expect(run.problems[0]?.message).toContain(sha256(third))
    expect(sent(releasePost)).toBe(0)
  })
})

test('an outage of what tells a key’s organizations does not make a private package public', async () => {
  release.sandbox.hex.addOrganization({ name: 'acme', members: [{ username: 'maintainer', role: 'write' }] })
  release.sandbox.hex.addRelease(ours, { organization: 'acme' })
  expect((await publish()).codes).toEqual(['private-package-exists'])
  release.sandbox.fault('GET hex.pm/api/users/me #1+ 503')
  const run = await publish()
  expect(run.codes).toEqual(['hex-outage'])
  expect(writes(release.sandbox)).toEqual([])
})

test('a public package of a private one’s name is warned of without a key too', async () => {
  release.sandbox.hex.addOrganization({ name: 'acme' })
  release.sandbox.hex.addRelease(ours)
  const run = await publish({ organization: 'acme', 'api-key': '', 'dry-run': 'true' })
  expect(run.status).toBe('planned')
  expect(run.told).toContain('There is a public package demo\\_schema on Hex')
})

describe('late-registry: warn does not make green', () => {
  test('what Hex stored by half', async () => {
    release.sandbox.fault(`${releases} #1 500 partial`)
    const run = await publish({ 'late-registry': 'warn' })
    expect(run.codes).toEqual(['release-half-stored'])
  })

  test('a registry that serves other bytes', async () => {
    await publish()
    const [there] = release.sandbox.hex.state.packages.find(({ name }) => name === 'demo_schema')?.releases ?? []
    if (there !== undefined) there.stored = other
    const run = await publish({ 'late-registry': 'warn' })
    expect(run.codes).toEqual(['registry-differs'])
    expect(run.problems[0]?.message).toContain(sha256(other))
  })

  test('but the release that was replaced, in a cache, is only late', async () => {
    release.sandbox.hex.addRelease(other)
    release.sandbox.hex.setSettings({ registryDelay: 3_600_000 })
    const run = await publish({ ...replacing, 'late-registry': 'warn', wait: '5' })
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(run.receipt.notChecked.join()).toContain('the registry still shows what was replaced')
  })
})

describe('a release that Hex stored by half', () => {
  beforeEach(async () => {
    release.sandbox.fault(`${releases} #1 500 partial`)
    await publish()
  })

  test('is sent again when the upload that mends it ends open, as the same bytes were there before', async () => {
    release.sandbox.fault(`${releases} #1 500`)
    const run = await publish(replacing)
    expect([run.status, run.codes]).toEqual(['published', []])
    expect(sent(releasePost)).toBe(3)
    expect(release.published()).toEqual([`0.1.0 ${sha256(ours)} docs`])
  })

  test('is not told as published when that never ends well', async () => {
    release.sandbox.fault(`${releases} #1+ 500`)
    const run = await publish({ ...replacing, wait: '0' })
    const waited = await publish(replacing)
    expect([run.status, waited.codes[0]]).toEqual(['unchanged', 'hex-upload-unsettled'])
    expect(waited.told).toContain('whether it is on Hex is not known')
  })

  test('is told as such, with what mends it, where the tarball was built anew', async () => {
    writeTarball(other)
    expect((await publish()).codes).toEqual(['release-half-stored'])
    const run = await publish(replacing)
    expect([run.status, run.codes]).toEqual(['published', []])
  })
})

describe('a healthy release is not sent again with replace: true', () => {
  test('where the registry is late and a cache has no tarball once', async () => {
    release.sandbox.hex.setSettings({ registryDelay: 3_600_000 })
    await publish({ 'late-registry': 'warn', wait: '1' })
    release.sandbox.fault('GET repo.hex.pm/tarballs/demo_schema-0.1.0.tar #1 404')
    await publish({ ...replacing, 'late-registry': 'warn', wait: '1' })
    expect(sent(releasePost)).toBe(1)
  })

  test('where this runner is shown nothing of the registry', async () => {
    await publish({ wait: '0' })
    release.sandbox.fault('GET repo.hex.pm/* #1+ 403')
    const run = await publish(replacing)
    expect(run.codes).toEqual(['registry-late'])
    expect(sent(releasePost)).toBe(1)
  })
})

test('docs are sent only where Hex answers as it does: a page of somebody else is no success', async () => {
  await publish()
  writeDocs(`${release.workspace}/doc`, { 'index.html': '<!doctype html><title>new</title>' })
  release.sandbox.fault(`${docs} #1+ 200 html body="<html>Sign in</html>"`)
  const run = await publish({ mode: 'docs', tarball: '', package: 'demo_schema', version: '0.1.0' })
  expect(run.codes).toEqual(['hex-answer'])
  expect(run.problems[0]?.message).toContain('Sign in')
})

test('docs that Hex took are read back with patience, and are an error where Hex never shows them', async () => {
  release.sandbox.fault('GET hex.pm/api/packages/demo_schema/releases/0.1.0 #2-3 404 body="{}"')
  expect((await publish()).codes).toEqual([])
  await release.sandbox.close()
  release = await startRelease()
  release.sandbox.fault('GET hex.pm/api/packages/demo_schema/releases/0.1.0 #2+ 404 body="{}"')
  expect((await publish()).codes).toEqual(['hex-not-read-back'])
  expect(sent(docsPost)).toBe(1)
})

test('a page of a proxy that says 404 is not taken for Hex’s word that a release is not there', async () => {
  release.sandbox.fault('GET hex.pm/api/packages/demo_schema #1+ 404 html')
  const run = await publish()
  expect(run.codes).toEqual(['hex-answer'])
  expect(writes(release.sandbox)).toEqual([])
})

test('the window is Hex’s: a runner whose clock is three hours ahead may still replace', async () => {
  release.sandbox.hex.addRelease(other, { insertedAt: Date.now() - 60_000 })
  release.sandbox.hex.addRelease(hexTarball({ metadata: { version: '0.0.9' } }), {
    insertedAt: Date.now() - 90 * 86_400_000
  })
  const run = await publish(replacing, 3 * 3_600_000)
  expect([run.status, run.codes]).toEqual(['published', []])
})

test('a run that stops at another release gives the checksum of the published one, and says that it is there', async () => {
  release.sandbox.hex.addRelease(other)
  const run = await publish()
  expect(run.codes).toEqual(['hex-different-release'])
  expect(run.report.outputs['checksum']).toBe(sha256(other))
  expect(run.told).toContain('is on Hex otherwise')
  expect(run.told).not.toContain(apiKey)
})

function writeTarball(bytes: Buffer): void {
  writeFileSync(join(release.workspace, tarballName), bytes)
}
