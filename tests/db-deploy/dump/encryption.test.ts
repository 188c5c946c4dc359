import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { decryptFile, encryptFile, isEncrypted } from '../../../actions/db-deploy/dump/encryption.ts'
import { loadAge } from '../../../actions/shared/age.ts'
import { neverCancelled } from '../../../actions/shared/cancellation.ts'
import { temporaryFolder } from '../../support/run-action.ts'
import { problemsOf } from './backing-up.ts'

const bytes = Buffer.alloc(200_000, 'a dump ')

interface Paths {
  readonly plain: string
  readonly encrypted: string
  readonly back: string
}

function paths(): Paths {
  const folder = temporaryFolder('age')
  const [plain, encrypted, back] = [join(folder, 'plain'), join(folder, 'encrypted'), join(folder, 'back')]
  writeFileSync(plain, bytes)
  return { plain, encrypted, back }
}

async function keyPair(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const age = loadAge()
  const identity = await age.generateX25519Identity()
  return { identity, recipient: await age.identityToRecipient(identity) }
}

const codes = async (doing: Promise<unknown>): Promise<readonly string[]> =>
  (await problemsOf(doing)).map(({ code }) => code)

describe('a file that is encrypted for recipients', () => {
  test('is opened by the key of each of them, and by no other', async () => {
    const [one, two, other] = [await keyPair(), await keyPair(), await keyPair()]
    const { plain, encrypted, back } = paths()
    const recipient = `${one.recipient}\n${two.recipient}`
    await encryptFile(plain, encrypted, { recipient, passphrase: undefined }, neverCancelled())
    expect(isEncrypted(encrypted)).toBe(true)
    expect(isEncrypted(plain)).toBe(false)
    expect(readFileSync(encrypted).includes('a dump a dump')).toBe(false)
    expect(statSync(encrypted).mode & 0o777).toBe(0o600)
    for (const [n, { identity }] of [one, two].entries()) {
      const file = `# created by age-keygen\n${identity}\n`
      await decryptFile(encrypted, `${back}${n}`, { identity: file, passphrase: undefined }, neverCancelled())
      expect(readFileSync(`${back}${n}`).equals(bytes)).toBe(true)
    }
    const wrong = decryptFile(encrypted, back, { identity: other.identity, passphrase: undefined }, neverCancelled())
    expect(await codes(wrong)).toEqual(['deploy-restore-key'])
    const cut = decryptFile(
      encrypted,
      back,
      { identity: one.identity.slice(0, -3), passphrase: undefined },
      neverCancelled()
    )
    const [problem] = await problemsOf(cut)
    expect(problem?.code).toBe('deploy-restore-key')
    expect(JSON.stringify(problem)).not.toContain(one.identity.slice(15, 40))
  })

  test.each([1, 16, 65_552, 150_000])('and lacks its last %i bytes is told as damaged', async (missing) => {
    const { identity, recipient } = await keyPair()
    const { plain, encrypted, back } = paths()
    await encryptFile(plain, encrypted, { recipient, passphrase: undefined }, neverCancelled())
    truncateSync(encrypted, statSync(encrypted).size - missing)
    const reading = decryptFile(encrypted, back, { identity, passphrase: undefined }, neverCancelled())
    expect(await codes(reading)).toEqual(['deploy-restore-file'])
  })
})

test('a file that is encrypted by a passphrase is opened by it alone', async () => {
  const { plain, encrypted, back } = paths()
  const passphrase = 'a passphrase of some words'
  await encryptFile(plain, encrypted, { recipient: undefined, passphrase }, neverCancelled())
  const wrong = decryptFile(encrypted, back, { identity: undefined, passphrase: 'others' }, neverCancelled())
  expect(await codes(wrong)).toEqual(['deploy-restore-key'])
  await decryptFile(encrypted, back, { identity: undefined, passphrase }, neverCancelled())
  expect(readFileSync(back).equals(bytes)).toBe(true)
})

test('a file in armor, and one without a key, are instructions', async () => {
  const { plain, encrypted, back } = paths()
  writeFileSync(encrypted, '-----BEGIN AGE ENCRYPTED FILE-----\n')
  const keys = { identity: undefined, passphrase: undefined }
  expect(await codes(decryptFile(encrypted, back, keys, neverCancelled()))).toEqual(['deploy-restore-key'])
  const { recipient } = await keyPair()
  await encryptFile(plain, `${encrypted}2`, { recipient, passphrase: undefined }, neverCancelled())
  expect(await codes(decryptFile(`${encrypted}2`, back, keys, neverCancelled()))).toEqual(['deploy-restore-key'])
})
