import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leafJobs, type PlannedWorkflow } from './plan.ts'
import { serverOf } from './stand-ins/postgres/readiness.ts'
import { isMapping, list, mapping, type Job, type Mapping, type Plain } from './workflow.ts'

/** Pseudo action that starts the server which stands for a job's `postgres` service, and stops it when the job is done. */
export const postgresAction = { repository: 'rehearsal/postgres', ref: 'local' } as const

/** A job's service that a server of this machine can stand for. */
export interface PostgresService {
  readonly name: string
  readonly image: string
  /** Port of the runner that its steps connect to. */
  readonly port: string
  /** What the image reads: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB; may be expressions. */
  readonly environment: Mapping
}

/**
 * Takes the services of a job apart.
 *
 * @returns those that PostgreSQL can stand for, and why each of the others is not started
 */
export function postgresServices({ services }: Pick<Job, 'services'>): {
  readonly stoodFor: readonly PostgresService[]
  readonly others: readonly { readonly name: string; readonly why: string }[]
} {
  const stoodFor: PostgresService[] = []
  const others: { name: string; why: string }[] = []
  for (const [name, value] of Object.entries(services)) {
    const service = isMapping(value) ? value : { image: value ?? '' }
    const image = typeof service['image'] === 'string' ? service['image'] : ''
    const port = runnerPort(list(service['ports']))
    if (!postgresImage.test(image)) others.push({ name, why: 'there is no Docker here' })
    else if (port === undefined)
      others.push({ name, why: 'it has no fixed port for 5432 (write `ports: ["5432:5432"]`)' })
    else stoodFor.push({ name, image, port, environment: mapping(service['env']) })
  }
  return { stoodFor, others }
}

/** The official image, by any of its registries' names; images built on it have extensions that are not here. */
const postgresImage = /^(?:(?:docker\.io|public\.ecr\.aws)\/)?(?:(?:library|docker\/library)\/)?postgres(?::[\w.-]+)?$/

/** `5432:5432` and `5433:5432/tcp` say where the server is to be found; a lone `5432` leaves that to the runner. */
function runnerPort(ports: readonly Plain[]): string | undefined {
  for (const port of ports) {
    const found = typeof port === 'string' ? /^(\d+):5432(?:\/tcp)?$/.exec(port) : null
    if (found !== null) return found[1]
  }
  return undefined
}

export function needsPostgres(plan: PlannedWorkflow): boolean {
  return leafJobs(plan).some(({ job }) => postgresServices(job).stoodFor.length > 0)
}

/** The step that starts the server, put before the job's own. */
export function postgresStep({ name, image, port, environment }: PostgresService): Mapping {
  const given = (variable: string): Plain => environment[variable] ?? ''
  return {
    name: `Start service ${name}`,
    uses: `${postgresAction.repository}@${postgresAction.ref}`,
    with: {
      service: name,
      image,
      port,
      user: given('POSTGRES_USER'),
      password: given('POSTGRES_PASSWORD'),
      database: given('POSTGRES_DB'),
      'auth-method': given('POSTGRES_HOST_AUTH_METHOD')
    }
  }
}

/**
 * A folder for the programs and the databases of one rehearsal. PostgreSQL refuses to run as root, so another user must
 * come through to it: it lies outside the rehearsal's own folder, which is closed.
 */
export function makePostgresFolder(programs: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-postgres-'))
  chmodSync(folder, 0o755)
  cpSync(programs, join(folder, 'programs'), { recursive: true, verbatimSymlinks: true })
  mkdirSync(join(folder, 'clusters'))
  return folder
}

/** Ends the servers that a killed job left running, and removes the folder. */
export function removePostgresFolder(folder: string): void {
  const clusters = join(folder, 'clusters')
  for (const name of existsSync(clusters) ? readdirSync(clusters) : []) {
    const server = serverOf(join(clusters, name, 'data'))
    if (server === undefined) continue
    try {
      // Its immediate shutdown.
      process.kill(server, 'SIGQUIT')
    } catch {
      // It has ended by itself.
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}
