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
