import { createReadStream, createWriteStream, openSync, readSync, closeSync, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import type { Decrypter, Encrypter } from 'age-encryption'
import { loadAge } from '../../shared/age.ts'
import { fail, type Problem } from '../../shared/problem.ts'
import type { BackupInputs, RestoreInputs } from '../inputs.ts'

type For = Pick<BackupInputs, 'recipient' | 'passphrase'>

/** What is wrong with those for whom backups are encrypted. Loads the encryption where it is asked for. */
export function encryptionProblems(inputs: For): readonly Problem[] {
  const recipients = recipientsOf(inputs)
  if (recipients.length === 0) return []
  const { Encrypter: Made } = loadAge()
  return recipients.flatMap((recipient): Problem[] => {
    if (/^AGE-SECRET-KEY-/i.test(recipient)) {
      return [
        {
          code: 'deploy-backup-recipient',
          message:
            'Input backup-recipient holds a secret key, which opens backups and must not be where they are made.',
          hint: 'Take that key for lost and make a new one (`age-keygen -o key.txt`). Give the line `public key:` of what it prints: `age1…`.'
        }
      ]
    }
    try {
      new Made().addRecipient(recipient)
      return []
    } catch (error) {
      const why = recipient.startsWith('ssh-')
        ? 'keys of SSH are not supported'
        : error instanceof Error
          ? error.message
          : 'it cannot be read'
      return [
        {
          code: 'deploy-backup-recipient',
          message: `Input backup-recipient has ${JSON.stringify(recipient)}, which is no recipient of age: ${why}.`,
          hint: 'Make a key by `age-keygen -o key.txt` and give its public key, `age1…`; several are separated by blanks or lines. Keep key.txt where no job reads it.'
        }
      ]
    }
  })
}

export function isToBeEncrypted(inputs: For): boolean {
  return inputs.passphrase !== undefined || recipientsOf(inputs).length > 0
}

function recipientsOf({ recipient = '' }: For): readonly string[] {
  return recipient.split(/[\s,]+/).filter((each) => each !== '')
}

/**
 * Encrypts a file as age does. About 200 MB a second.
 *
 * @param to is made, readable by this user alone; what is there is an error
 * @throws what the file system throws, AbortError when cancelled
 */
export async function encryptFile(from: string, to: string, inputs: For, cancelled: AbortSignal): Promise<void> {
  const { Encrypter: Made } = loadAge()
  const encrypter: Encrypter = new Made()
  if (inputs.passphrase === undefined) for (const each of recipientsOf(inputs)) encrypter.addRecipient(each)
  else encrypter.setPassphrase(inputs.passphrase)
  const encrypted = await encrypter.encrypt(bytesOf(from))
  const expected = encrypted.size(statSync(from).size)
  await pipeline(readable(encrypted), created(to), { signal: cancelled })
  const { size } = statSync(to)
  if (size !== expected) throw new Error(`the encrypted file has ${size} bytes and not ${expected}`)
}

/** Whether a file's first bytes say that age encrypted it. */
export function isEncrypted(path: string): boolean {
  return /^(age-encryption\.org\/|-----BEGIN AGE )/.test(firstBytes(path, 32))
}

/** Decrypts a file that age or this encrypted. @throws ActionError where no key opens it, or it is not whole */
export async function decryptFile(
  from: string,
  to: string,
  keys: { readonly identity: RestoreInputs['identity']; readonly passphrase: BackupInputs['passphrase'] },
  cancelled: AbortSignal
): Promise<void> {
  if (firstBytes(from, 32).startsWith('-----BEGIN')) {
    fail({
      code: 'deploy-restore-key',
      message: `${from} is encrypted and in age's armor, which is made for small texts.`,
      hint: 'Decrypt it in a step before (`age --decrypt --output FILE.dump FILE.age`), and restore that.'
    })
  }
  const { Decrypter: Made } = loadAge()
  const decrypter: Decrypter = new Made()
  const identities = (keys.identity ?? '').split(/\s+/).filter((word) => /^AGE-SECRET-KEY-/i.test(word))
  try {
    for (const identity of identities) decrypter.addIdentity(identity)
  } catch {
    fail({
      code: 'deploy-restore-key',
      message: 'Input restore-identity holds no secret key of age: it is cut short, or has a wrong character.',
      hint: 'Give the line `AGE-SECRET-KEY-1…` of the file that `age-keygen` made, whole.'
    })
  }
  if (keys.passphrase !== undefined) decrypter.addPassphrase(keys.passphrase)
  if (identities.length === 0 && keys.passphrase === undefined) {
    fail({
      code: 'deploy-restore-key',
      message: `${from} is encrypted, and no key was given.`,
      hint: 'Give `restore-identity: ${{ secrets.BACKUP_IDENTITY }}` (`AGE-SECRET-KEY-1…`), or `backup-passphrase` where it was encrypted by one.'
    })
  }
  let decrypted: ReadableStream<Uint8Array>
  try {
    decrypted = await decrypter.decrypt(bytesOf(from))
  } catch (error) {
    return fail(
      {
        code: 'deploy-restore-key',
        message: `${from} was not encrypted ${identities.length === 0 ? 'with the passphrase' : keys.passphrase === undefined ? 'for the key' : 'for the key, nor with the passphrase,'} that was given.`,
        hint: `${identities.length === 0 ? 'Give the passphrase that the backup was made with, or `restore-identity` where it was made for a recipient.' : 'Give the key of the recipient that the backup was made for.'} One that is lost cannot be made again: take another backup.`
      },
      error
    )
  }
  try {
    await pipeline(readable(decrypted), created(to), { signal: cancelled })
  } catch (error) {
    if (cancelled.aborted || (error instanceof Error && 'code' in error && 'syscall' in error)) throw error
    fail(
      {
        code: 'deploy-restore-file',
        message: `${from} is damaged: it cannot be decrypted to its end.`,
        hint: 'Nothing was changed. Fetch the file again and compare its SHA-256 with that of the backup run, or take another backup.'
      },
      error
    )
  }
}

function bytesOf(path: string): globalThis.ReadableStream<Uint8Array> {
  return Readable.toWeb(createReadStream(path, { highWaterMark: 1 << 20 })) as globalThis.ReadableStream<Uint8Array>
}

function readable(stream: unknown): Readable {
  return Readable.fromWeb(stream as ReadableStream<Uint8Array>)
}

function created(path: string): NodeJS.WritableStream {
  return createWriteStream(path, { flags: 'wx', mode: 0o600 })
}

/** As latin-1, so that bytes are characters. */
export function firstBytes(path: string, count: number): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(count)
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, count, 0))
  } finally {
    closeSync(file)
  }
}
