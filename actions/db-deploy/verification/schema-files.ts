import { readFile, readdir, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { fail } from '../../shared/problem.ts'
import type { PrismaSchemaFile } from './prisma-models.ts'

/**
 * The files of a Prisma schema: the file itself, or every `.prisma` file of a folder and below, as Prisma takes them.
 *
 * @param path absolute
 * @param shown as the user wrote it
 * @throws ActionError when it cannot be read
 */
export async function readSchemaFiles(path: string, shown: string): Promise<readonly PrismaSchemaFile[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [{ path: shown, text: await readFile(path, 'utf8') }]
    const entries = await readdir(path, { recursive: true })
    const names = entries
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => name.endsWith('.prisma') && !name.split('/').includes('node_modules'))
      .toSorted()
    return await Promise.all(
      names.map(async (name) => ({ path: posix.join(shown, name), text: await readFile(join(path, name), 'utf8') }))
    )
  } catch (error) {
    return fail(
      {
        code: 'prisma-schema-unreadable',
        message: `The Prisma schema ${shown} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        hint: 'Set `schema` to the file, or to the folder of a schema of several files.'
      },
      error
    )
  }
}
