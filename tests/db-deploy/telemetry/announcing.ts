import { readDatabaseUrl } from '../../../actions/db-deploy/database/database-url.ts'
import type { AnnouncementInputs } from '../../../actions/db-deploy/telemetry/announce.ts'

/** Inputs that ask for nothing to be told, with what differs. */
export function inputsWith(
  telemetry: Partial<AnnouncementInputs['telemetry']> = {},
  others: Partial<Omit<AnnouncementInputs, 'telemetry'>> = {}
): AnnouncementInputs {
  return {
    telemetry: {
      slackWebhookUrl: undefined,
      warnAfter: new Map(),
      failAfter: new Map(),
      githubDeployment: false,
      ledger: false,
      ...telemetry
    },
    environmentVariables: {},
    githubToken: undefined,
    urls: { database: undefined, direct: undefined, scratch: undefined, smoke: undefined, other: undefined },
    migrations: { paths: [], schema: undefined, table: undefined, prefix: undefined, expectCurrent: undefined },
    folder: '/work',
    dryRun: false,
    ...others
  }
}

/** The URLs of inputs that name this one database. */
export function urlsOf(text: string): AnnouncementInputs['urls'] {
  const read = readDatabaseUrl(text, 'database-url')
  if (!('url' in read)) throw new Error('no PostgreSQL URL')
  return { database: read.url, direct: read.url, scratch: undefined, smoke: undefined, other: undefined }
}
