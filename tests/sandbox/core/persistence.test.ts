import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ActionError } from '../../../actions/shared/problem.ts'
import { startGateway } from '../../../sandbox/gateway.ts'
import { ask } from './client.ts'
import { toyService } from './toy-service.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const bytes = Buffer.from([0, 255, 10, 13, 128])

describe('a sandbox with a folder', () => {
  test('has its state again after a restart, bytes and odd keys too', async () => {
    const first = await startGateway([toyService()], { folder })
    await ask(first, 'https://toy.example/a', { method: 'POST', body: bytes })
    await ask(first, 'https://toy.example/same', { method: 'POST', body: bytes })
    const before = first.save()
    await first.close()
    const second = await startGateway([toyService()], { folder })
    expect(second.save()).toEqual(before)
    await second.close()
    expect(readdirSync(join(folder, 'blobs'))).toHaveLength(1)
  })

  test('has written a request down before the client hears of it', async () => {
    const gateway = await startGateway([toyService()], { folder })
    await ask(gateway, 'https://toy.example/a', { method: 'POST', body: bytes })
    // As if the process were killed now: nothing is closed, another one reads the folder.
    const other = toyService()
    const second = await startGateway([other], { folder })
    expect(other.save().stored).toEqual([{ name: '/a', bytes, $odd: '$' }])
    await second.close()
    await gateway.close()
  })

  test('keeps what it holds to this user', async () => {
    const gateway = await startGateway([toyService()], { folder })
    await gateway.close()
    if (process.platform !== 'win32') expect(statSync(join(folder, 'state.json')).mode & 0o777).toBe(0o600)
  })

  test('removes bytes that nothing names any more', async () => {
    const toy = toyService()
    const gateway = await startGateway([toy], { folder })
    await ask(gateway, 'https://toy.example/a', { method: 'POST', body: bytes })
    toy.load({ stored: [] })
    await gateway.close()
    expect(readdirSync(join(folder, 'blobs'))).toEqual([])
  })

  test.each([
    ['no JSON', '{'],
    ['of another format', '{"format": 99, "states": {}}'],
    [
      'with a blob that is missing',
      `{"format": 1, "states": {"toy": {"stored": [{"bytes": {"$blob": "${'0'.repeat(64)}"}}]}}}`
    ]
  ])('refuses a state that is %s, and leaves it alone', async (_, text) => {
    const file = join(folder, 'state.json')
    writeFileSync(file, text)
    const starting = startGateway([toyService()], { folder })
    await expect(starting).rejects.toThrow(ActionError)
    await expect(starting).rejects.toThrow(file)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  test('refuses bytes that were changed', async () => {
    const gateway = await startGateway([toyService()], { folder })
    await ask(gateway, 'https://toy.example/a', { method: 'POST', body: bytes })
    await gateway.close()
    const [blob = ''] = readdirSync(join(folder, 'blobs'))
    writeFileSync(join(folder, 'blobs', blob), 'other')
    await expect(startGateway([toyService()], { folder })).rejects.toThrow('was changed')
  })
})
