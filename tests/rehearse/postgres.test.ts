import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { postgresServices, removePostgresFolder } from '../../rehearse/postgres.ts'
import { serverOf } from '../../rehearse/stand-ins/postgres/readiness.ts'
import { temporaryFolder } from '../support/run-action.ts'

/** A cluster whose postmaster.pid holds this. */
function cluster(pid: string): { readonly folder: string; readonly data: string } {
  const folder = temporaryFolder('postgres')
  const data = join(folder, 'clusters', 'port-1', 'data')
  mkdirSync(data, { recursive: true })
  writeFileSync(join(data, 'postmaster.pid'), pid)
  return { folder, data }
}

describe('the server of a cluster', () => {
  // 0 would be this process's own group, a negative number another one's: initdb writes those.
  test.each(['', '\n', '0\n', '-493\n', '1\n', 'x'])('is not signalled where its file says %j', (pid) => {
    const { folder, data } = cluster(pid)
    expect(serverOf(data)).toBeUndefined()
    removePostgresFolder(folder)
    expect(existsSync(folder)).toBe(false)
  })

  test('is the first line of its file', () => {
    expect(serverOf(cluster('4321\n/data\n').data)).toBe(4321)
  })
})

describe('services of a job', () => {
  const names = (services: Parameters<typeof postgresServices>[0]['services']) => {
    const { stoodFor, others } = postgresServices({ services })
    return { stoodFor: stoodFor.map(({ name, port }) => `${name} ${port}`), others: others.map(({ name }) => name) }
  }

  test.each(['postgres', 'postgres:16', 'postgres:16.4-alpine', 'docker.io/library/postgres:17'])(
    'with the image %s are stood for at their port',
    (image) => {
      expect(names({ db: { image, ports: ['5432/tcp', '5433:5432'] } })).toEqual({ stoodFor: ['db 5433'], others: [] })
    }
  )

  test.each([
    ['another image', { image: 'redis:7', ports: ['5432:5432'] }],
    ['an image with extensions', { image: 'pgvector/pgvector:pg16', ports: ['5432:5432'] }],
    ['no port', { image: 'postgres:16' }],
    ['a port of the runner’s choice', { image: 'postgres:16', ports: ['5432'] }],
    ['an image alone', 'postgres:16']
  ])('with %s are not', (_, service) => {
    expect(names({ db: service })).toEqual({ stoodFor: [], others: ['db'] })
  })
})
