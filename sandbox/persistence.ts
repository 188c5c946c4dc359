import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../actions/shared/problem.ts'
import type { Service } from './service.ts'

/** A folder that holds the state of all services between runs. */
export interface Persistence {
  /** Gives each service the state that lies in the folder, if any does. */
  load(services: readonly Service[]): void
  /** Writes the state of all services; whole or not at all, by rename. */
  save(services: readonly Service[]): void
  /** Removes blobs that the newest state does not name. */
  sweep(): void
}

const format = 1

/** `state.json` and `blobs/<sha256>`; readable by this user only, for it holds tokens. */
export function openFolder(folder: string): Persistence {
  const stateFile = join(folder, 'state.json')
  const blobs = join(folder, 'blobs')
  mkdirSync(blobs, { recursive: true, mode: 0o700 })
  const stored = new Set(readdirSync(blobs))
  let named = new Set<string>()

  const store = (bytes: Buffer): string => {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    if (!stored.has(sha256)) {
      replaceFile(join(blobs, sha256), bytes)
      stored.add(sha256)
    }
    named.add(sha256)
    return sha256
  }
  const fetch = (sha256: string): Buffer => {
    const file = join(blobs, sha256)
    if (!existsSync(file)) unusable(stateFile, `blobs/${sha256} is missing`)
    const bytes = readFileSync(file)
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) unusable(stateFile, `blobs/${sha256} was changed`)
    named.add(sha256)
    return bytes
  }
  return {
    load(services) {
      if (!existsSync(stateFile)) return
      const states = readStates(stateFile)
      for (const service of services) {
        if (Object.hasOwn(states, service.name)) service.load(withBuffers(states[service.name], fetch))
      }
    },
    save(services) {
      named = new Set()
      const states = Object.fromEntries(services.map((service) => [service.name, withBlobs(service.save(), store)]))
      replaceFile(stateFile, JSON.stringify({ format, states }))
    },
    sweep() {
      for (const name of stored) if (!named.has(name)) rmSync(join(blobs, name), { force: true })
    }
  }
}

/** Plain data with each Buffer as `{ "$blob": sha256 }`. A key that starts with `$` gets one more, to stay apart. */
function withBlobs(value: unknown, store: (bytes: Buffer) => string): unknown {
  if (Buffer.isBuffer(value)) return { $blob: store(value) }
  if (Array.isArray(value)) return value.map((item) => withBlobs(item, store))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.startsWith('$') ? `$${key}` : key, withBlobs(item, store)])
  )
}

function withBuffers(value: unknown, fetch: (sha256: string) => Buffer): unknown {
  if (Array.isArray(value)) return value.map((item) => withBuffers(item, fetch))
  if (typeof value !== 'object' || value === null) return value
  if ('$blob' in value && typeof value.$blob === 'string') return fetch(value.$blob)
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.startsWith('$') ? key.slice(1) : key, withBuffers(item, fetch)])
  )
}

function readStates(file: string): Readonly<Record<string, unknown>> {
  let read: unknown
  try {
    read = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return unusable(file, error instanceof Error ? error.message : String(error))
  }
  if (typeof read !== 'object' || read === null || !('format' in read) || read.format !== format) {
    return unusable(file, `it is not of format ${String(format)}`)
  }
  if (!('states' in read) || typeof read.states !== 'object' || read.states === null) return unusable(file, 'no states')
  return { ...read.states }
}

function unusable(file: string, reason: string): never {
  fail({
    code: 'sandbox-folder',
    message: `The sandbox cannot use ${file}: ${reason}.`,
    hint: 'Give another folder, or remove this one to start with an empty sandbox.',
    file
  })
}

function replaceFile(file: string, content: string | Buffer): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
