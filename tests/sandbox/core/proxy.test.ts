import { execFile, execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startGateway, type Gateway } from '../../../sandbox/gateway.ts'
import { ask, openConnect, openTunnel, sendRaw } from './client.ts'
import { toyService, type ToyService } from './toy-service.ts'

const run = promisify(execFile)
let toy: ToyService
let gateway: Gateway

beforeEach(async () => {
  toy = toyService()
  gateway = await startGateway([toy])
})
afterEach(() => gateway.close())

describe('a program behind the proxy', () => {
  test('reaches a service under its real host name, on https', async () => {
    const answered = await ask(gateway, 'https://toy.example/list?x=%20y')
    expect(answered.status).toBe(200)
    expect(JSON.parse(answered.body)).toMatchObject({ url: 'https://toy.example/list?x=%20y' })
    expect(answered.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  })

  test('reaches it on plain http too', async () => {
    const answered = await ask(gateway, 'http://toy.example/list')
    expect(JSON.parse(answered.body)).toMatchObject({ url: 'http://toy.example/list' })
  })

  test('is known by the user name in the address of the proxy, and the service does not see the credentials', async () => {
    for (const address of ['https://toy.example/', 'http://toy.example/']) {
      const answered = await ask(gateway, address, { job: 'build (3.12) / ü' })
      expect(JSON.parse(answered.body)).toMatchObject({ job: 'build (3.12) / ü' })
    }
    expect(gateway.requests.map(({ job }) => job)).toEqual(['build (3.12) / ü', 'build (3.12) / ü'])
    expect(toy.seen.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true)
  })

  test('sees the reason phrase of the service', async () => {
    const answered = await ask(gateway, 'https://toy.example/a', { method: 'POST', body: 'abc' })
    expect([answered.status, answered.statusText, answered.body]).toEqual([201, 'Put There', 'stored 3'])
  })

  test('may use one connection for many requests', async () => {
    const tunnel = await openTunnel(gateway, 'toy.example')
    tunnel.write('GET /1 HTTP/1.1\r\nHost: toy.example\r\n\r\n')
    tunnel.write('GET /2 HTTP/1.1\r\nHost: toy.example\r\nConnection: close\r\n\r\n')
    let text = ''
    for await (const piece of tunnel) text += String(piece)
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(2)
    expect(toy.seen.map(({ url }) => url.pathname)).toEqual(['/1', '/2'])
  })

  test('is told by ALPN that HTTP/1.1 is spoken', async () => {
    const tunnel = await openTunnel(gateway, 'toy.example', { alpn: ['h2', 'http/1.1'] })
    expect(tunnel.alpnProtocol).toBe('http/1.1')
    tunnel.destroy()
  })

  test('may send plain HTTP through a tunnel', async () => {
    const socket = await openConnect(gateway, 'toy.example:80')
    socket.write('GET /plain HTTP/1.1\r\nHost: toy.example\r\nConnection: close\r\n\r\n')
    let text = ''
    for await (const piece of socket) text += String(piece)
    expect(text).toContain('"url":"http://toy.example:80/plain"'.replace(':80', ''))
  })

  test('finds gh local names answered by the real ones', async () => {
    const github = toyService('github', ['api.github.com'])
    const other = await startGateway([github])
    await ask(other, 'http://api.github.localhost/repos/o/r')
    expect(github.seen[0]?.url.href).toBe('https://api.github.com/repos/o/r')
    await other.close()
  })

  test('can send a chunked body and a body of forty megabytes', async () => {
    const big = Buffer.alloc(40 * 1024 * 1024, 'x')
    const answered = await ask(gateway, 'https://toy.example/big', { method: 'POST', body: big })
    expect(answered.body).toBe(`stored ${String(big.length)}`)
    const chunked = { method: 'POST', body: big, headers: { 'transfer-encoding': 'chunked' } }
    expect((await ask(gateway, 'https://toy.example/big', chunked)).body).toBe(`stored ${String(big.length)}`)
    expect(gateway.requests.map(({ requestBytes }) => requestBytes)).toEqual([big.length, big.length])
  })

  test('gets no body for HEAD, but its length', async () => {
    const answered = await ask(gateway, 'https://toy.example/', { method: 'HEAD' })
    expect(answered.body).toBe('')
    expect(Number(answered.headers['content-length'])).toBeGreaterThan(10)
  })

  test("gets the service's own words for what nothing answers", async () => {
    const answered = await ask(gateway, 'https://toy.example/undefined')
    expect([answered.status, answered.body]).toEqual([404, 'the toy has no such thing'])
  })
})

describe('Expect: 100-continue', () => {
  const post = (length: number): string =>
    `POST http://toy.example/x HTTP/1.1\r\nHost: toy.example\r\nContent-Length: ${String(length)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`

  test('is answered by 100, and then the body is read', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const socket = connect(Number(gateway.proxy.port), '127.0.0.1')
    socket.write(post(4))
    let text = ''
    socket.on('data', (piece: Buffer) => {
      if (text === '' && String(piece).startsWith('HTTP/1.1 100')) socket.write('body')
      text += String(piece)
    })
    socket.once('close', () => {
      resolve(text)
    })
    socket.once('error', reject)
    expect(await promise).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 [^]*stored 4$/)
  })

  test('is answered by the refusal when the service refuses from the head', async () => {
    const text = await sendRaw(gateway.proxy, post(5000))
    expect(text).toMatch(/^HTTP\/1\.1 413 [^]*too large, said before$/)
    expect(toy.seen).toEqual([])
    expect(gateway.requests[0]).toMatchObject({ outcome: 'answered', status: 413, requestBytes: 0 })
  })

  test('is answered by the refusal when the host belongs to nobody', async () => {
    const text = await sendRaw(gateway.proxy, post(4).replaceAll('toy.example', 'other.example'))
    expect(text).toMatch(/^HTTP\/1\.1 403 Blocked by the release sandbox/)
  })
})

describe('a host that no service owns', () => {
  test('is refused in readable words and listed as blocked, with its whole address', async () => {
    const answered = await ask(gateway, 'https://collector.example/v1/usage', {
      method: 'POST',
      body: '{}',
      job: 'build'
    })
    expect([answered.status, answered.statusText]).toEqual([403, 'Blocked by the release sandbox'])
    expect(answered.body).toContain('no service of the sandbox answers for collector.example')
    expect(gateway.requests).toHaveLength(1)
    expect(gateway.requests[0]).toMatchObject({
      outcome: 'blocked',
      status: 403,
      method: 'POST',
      url: 'https://collector.example/v1/usage',
      job: 'build'
    })
    expect(gateway.requests[0]?.service).toBeUndefined()
    expect(gateway.writes()).toEqual([])
  })

  test('is refused on plain http', async () => {
    expect((await ask(gateway, 'http://other.example/x')).status).toBe(403)
  })

  test('is listed too when the client does not trust the certificate', async () => {
    const stranger = await startGateway([])
    const ca = readFileSync(stranger.caFile, 'utf8')
    await stranger.close()
    await expect(openTunnel(gateway, 'other.example', { ca })).rejects.toThrow()
    await until(() => gateway.requests.length === 1)
    expect(gateway.requests[0]).toMatchObject({ method: 'CONNECT', url: 'other.example:443', outcome: 'blocked' })
  })

  test('is never resolved nor reached, even when it is on this machine', async () => {
    let reached = 0
    const server = createServer((_, response) => {
      reached += 1
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const text = await sendRaw(
      gateway.proxy,
      `GET http://127.0.0.1:${String(port)}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
    )
    expect(text).toMatch(/^HTTP\/1\.1 403/)
    expect(reached).toBe(0)
    server.close()
  })
})

describe('what is not HTTP', () => {
  test('a WebSocket is refused', async () => {
    const headers = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13' }
    const answered = await ask(gateway, 'https://toy.example/socket', { headers })
    expect(answered.status).toBe(403)
    expect(answered.body).toContain('WebSocket')
    expect(toy.seen).toEqual([])
  })

  test('an origin-form request to the proxy itself is a bad request', async () => {
    expect(await sendRaw(gateway.proxy, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400/
    )
  })

  test('other protocols in a tunnel are ended', async () => {
    const socket = await openConnect(gateway, 'toy.example:22')
    socket.on('error', () => undefined).resume()
    socket.write('SSH-2.0-OpenSSH_9.7\r\n')
    await new Promise((resolve) => socket.once('close', resolve))
    expect(toy.seen).toEqual([])
  })
})

describe('the certificate authority', () => {
  test('signs a certificate for exactly the host, that strict clients accept', async () => {
    const tunnel = await openTunnel(gateway, 'uploads.toy.example')
    const raw = tunnel.getPeerX509Certificate()
    const ca = new X509Certificate(readFileSync(gateway.caFile))
    expect(tunnel.authorized).toBe(true)
    expect(raw?.subjectAltName).toBe('DNS:uploads.toy.example')
    expect(raw?.verify(ca.publicKey)).toBe(true)
    expect(raw?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(ca.ca).toBe(true)
    expect(raw?.ca).toBe(false)
    tunnel.destroy()
  })

  test('keeps its file to this user, with no private key beside it', () => {
    if (process.platform !== 'win32') {
      expect(statSync(gateway.caFile).mode & 0o777).toBe(0o600)
      expect(statSync(dirname(gateway.caFile)).mode & 0o777).toBe(0o700)
    }
    expect(readFileSync(gateway.caFile, 'utf8')).not.toContain('PRIVATE')
  })
})

test('nothing listens on an address that other machines can reach', async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter((each) => each !== undefined && !each.internal && each.family === 'IPv4')
  for (const { port } of [gateway.proxy, gateway.address('toy')]) {
    for (const each of outside) {
      await expect(sendRaw(new URL(`http://${each?.address ?? ''}:${port}`), 'x')).rejects.toThrow('ECONNREFUSED')
    }
    expect(await sendRaw(new URL(`http://127.0.0.1:${port}`), 'x\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/)
  }
})

test.each(['GET http://[ HTTP/1.1', 'GET // HTTP/1.1', 'GET http://[::1 HTTP/1.1', 'GET * HTTP/1.1'])(
  '%j at a loopback address is answered, and the sandbox goes on',
  async (line) => {
    const address = gateway.address('toy')
    expect(await sendRaw(address, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 [24]/)
    expect(await sendRaw(address, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 200/)
  }
)

describe('closing', () => {
  test('leaves no listener, no connection and no file', async () => {
    const other = await startGateway([toyService()])
    const tunnel = await openTunnel(other, 'toy.example')
    const ended = new Promise((resolve) => tunnel.once('close', resolve))
    tunnel.on('error', () => undefined)
    await other.close()
    await ended
    expect(existsSync(dirname(other.caFile))).toBe(false)
    for (const address of [other.proxy, other.address('toy')]) {
      await expect(sendRaw(address, 'x')).rejects.toThrow('ECONNREFUSED')
    }
  })
})

describe('programs that others wrote, with the printed environment alone', () => {
  test("Node's own fetch", async () => {
    const script = "fetch('https://toy.example/fetch').then(async (r) => console.log(await r.text()))"
    const { stdout } = await run(process.execPath, ['-e', script], {
      env: { ...clean, ...gateway.environment({ job: 'node' }) }
    })
    expect(JSON.parse(stdout)).toMatchObject({ url: 'https://toy.example/fetch', job: 'node' })
  })

  test("the toolkit's http-client, by proxy and at the loopback address", async () => {
    const script = `import { HttpClient } from '@actions/http-client'
      const client = new HttpClient('test')
      const answers = [process.argv[1], 'https://toy.example/toolkit'].map(async (url) => (await client.post(url, 'body')).readBody())
      console.log((await Promise.all(answers)).join())
      client.dispose()`
    const args = ['--input-type=module', '-e', script, gateway.address('toy').href]
    const { stdout } = await run(process.execPath, args, { env: { ...clean, ...gateway.environment({ job: 'tk' }) } })
    expect(stdout.trim()).toBe('stored 4,stored 4')
    expect(gateway.requests.map(({ job }) => job).sort()).toEqual(['tk', undefined])
  })

  const curl = hasProgram('curl') ? test : test.skip
  curl('curl', async () => {
    const env = { ...clean, ...gateway.environment({ job: 'curl' }) }
    const { stdout } = await run('curl', ['-sS', 'https://toy.example/curl', 'http://toy.example/plain'], { env })
    expect(stdout).toContain('"url":"https://toy.example/curl","job":"curl"')
    expect(stdout).toContain('"url":"http://toy.example/plain","job":"curl"')
    const blocked = await run('curl', ['-sS', 'https://other.example/'], { env })
    expect(blocked.stdout).toContain('no service of the sandbox answers for other.example')
  })

  const python = hasProgram('python3') ? test : test.skip
  python('Python, with the strict checks of certificates that 3.13 made the default', async () => {
    const script = `import ssl, urllib.request as u
c = ssl.create_default_context(); c.verify_flags |= ssl.VERIFY_X509_STRICT
print(u.build_opener(u.ProxyHandler(), u.HTTPSHandler(context=c)).open('https://toy.example/python').read().decode())`
    const { stdout } = await run('python3', ['-c', script], {
      env: { ...clean, ...gateway.environment({ job: 'py' }) }
    })
    expect(JSON.parse(stdout)).toMatchObject({ url: 'https://toy.example/python', job: 'py' })
  })

  test('git', async () => {
    const env = { ...clean, ...gateway.environment({ job: 'git' }) }
    await expect(run('git', ['ls-remote', 'https://other.example/x.git'], { env })).rejects.toThrow('403')
    expect(gateway.requests[0]).toMatchObject({ job: 'git', outcome: 'blocked' })
  })
})

/** This process's environment without anything about proxies and certificates. */
const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/proxy|_CA_|SSL|CERT|CAINFO|NODE_OPTIONS/i.test(name))
)

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
}
