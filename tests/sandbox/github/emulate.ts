import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '../../support/run-action.ts'
import { installedPackage } from './fetched-package.ts'

export interface Emulated {
  readonly apiUrl: string
  /** The body of an answer; throws for a status of 400 and above. */
  call(token: string, method: string, path: string, body?: unknown): Promise<unknown>
  stop(): void
}

/** The GitHub of npm's `emulate`, at a loopback address. @param seed as its documentation describes it */
export async function startEmulate(seed: object): Promise<Emulated> {
  const program = join(installedPackage('emulate@0.12.2'), 'node_modules', 'emulate', 'dist', 'index.js')
  const file = join(temporaryFolder('seed'), 'seed.json')
  writeFileSync(file, JSON.stringify(seed))
  const port = await freePort()
  const apiUrl = `http://localhost:${port}`
  const child = spawn(process.execPath, [program, '--service', 'github', '--port', String(port), '--seed', file], {
    cwd: temporaryFolder('emulate-home'),
    env: { PATH: process.env['PATH'] },
    stdio: 'ignore'
  })
  for (let attempt = 1; !(await answers(apiUrl)); attempt++) {
    if (attempt === 100) throw new Error('emulate did not start')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return {
    apiUrl,
    async call(token, method, path, body) {
      const answer = await fetch(`${apiUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const text = await answer.text()
      if (answer.status >= 400) throw new Error(`${method} ${path} → ${answer.status} ${text}`)
      return text === '' ? undefined : (JSON.parse(text) as unknown)
    },
    stop: () => {
      child.kill()
    }
  }
}

function answers(url: string): Promise<boolean> {
  return fetch(`${url}/meta`).then(
    () => true,
    () => false
  )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
