import { runAction, type ActionRun } from '../support/run-action.ts'
import type { PlayedProject } from '../support/prisma/played-project.ts'

/** Runs the shipped bundle on a project, in staging unless said otherwise. */
export function deploys(
  project: Pick<PlayedProject, 'folder'>,
  url: string,
  inputs: Readonly<Record<string, string>> = {},
  options: { readonly env?: Readonly<Record<string, string>>; readonly kill?: AbortSignal } = {}
): Promise<ActionRun> {
  return runAction('db-deploy', {
    inputs: { environment: 'staging', 'database-url': url, ...inputs },
    workspace: project.folder,
    ...options
  })
}

/** The two tables of the examples. */
export const twoMigrations = {
  '20260101000000_users': 'CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL);\n',
  '20260102000000_posts': 'CREATE TABLE posts (id int PRIMARY KEY, title text);\n'
}

export const twoModels = `model User {
  id    Int    @id
  email String

  @@map("users")
}

model Post {
  id    Int     @id
  title String?

  @@map("posts")
}
`

/** What a run told as errors: code and message, in the order in which they stand in the log. */
export function errorsOf({ annotations }: ActionRun): readonly { readonly code: string; readonly message: string }[] {
  return annotations.flatMap(({ kind, properties, message }) =>
    kind === 'error' ? [{ code: properties['title'] ?? '', message }] : []
  )
}

/** The codes alone. */
export function errorCodes(run: ActionRun): readonly string[] {
  return errorsOf(run).map(({ code }) => code)
}

/** An output that is a list of names. */
export function namesIn({ outputs }: ActionRun, output: 'applied' | 'pending' | 'failed'): readonly string[] {
  return JSON.parse(outputs[output] ?? 'null') as readonly string[]
}
