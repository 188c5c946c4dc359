import type { Problem } from '../../shared/problem.ts'
import type { DatabaseUrl } from '../database/database-url.ts'
import type { EctoConfiguration, WrittenAddress } from './ecto-configuration.ts'

/**
 * What would lead Ecto to another database than the one that is checked, locked and backed up: a repository among several
 * whose variable names another one, or an address that is written out.
 *
 * @param environment as the job has it
 */
export function otherAddressProblems(
  { variables, written }: Pick<EctoConfiguration, 'variables' | 'written'>,
  url: DatabaseUrl,
  environment: Readonly<Record<string, string | undefined>>
): readonly Problem[] {
  const others = variables.filter(({ name, part, of }) => {
    const value = environment[name] ?? ''
    if (of !== 'one of several' || value === '') return false
    if (part === 'database') return value !== url.database
    return part === 'url' && URL.canParse(value) && leadsElsewhere(addressIn(value), url)
  })
  return [
    ...others.map(({ name }) => ({
      code: 'ecto-url-other',
      message: `The project has several repositories, and ${name}, which one of them takes its address from, names another database than ${url.shown}. Ecto would migrate that one too, without a lock or a backup.`,
      hint: 'Name the repository that keeps its tables in this database: `repos: Acme.Repo`. A release-call must migrate that one alone, too. The other database takes a step of its own.'
    })),
    ...(written === undefined || !leadsElsewhere(written, url)
      ? []
      : [
          {
            code: 'ecto-url-other',
            message: `${written.file} has the address of a database written out (${shown(written)}), and this run is for ${url.shown}. Ecto would migrate that one, whatever was checked and backed up.`,
            hint: 'Set MIX_ENV where that is the configuration of another environment (`env: MIX_ENV: prod`); or let the repository have `url: System.get_env("DATABASE_URL")`.',
            file: written.file,
            line: written.line
          }
        ])
  ]
}

function shown({ host, database }: WrittenAddress): string {
  return [
    ...(host === undefined ? [] : [`host ${host}`]),
    ...(database === undefined ? [] : [`database ${database}`])
  ].join(', ')
}

function addressIn(text: string): Pick<WrittenAddress, 'host' | 'database'> {
  const { hostname, pathname } = new URL(text)
  return { host: hostname, database: pathname.slice(1) }
}

function leadsElsewhere({ host, database }: Pick<WrittenAddress, 'host' | 'database'>, url: DatabaseUrl): boolean {
  return (
    (database !== undefined && database !== url.database && database !== encodeURIComponent(url.database)) ||
    (host !== undefined && host !== '' && !url.hosts.some((one) => named(one.host) === named(host)))
  )
}

/** This machine has several names. */
function named(host: string): string {
  const plain = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return plain.startsWith('/') || ['localhost', '127.0.0.1', '::1'].includes(plain) ? 'localhost' : plain
}
