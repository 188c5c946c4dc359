import type { PrismaSchemaFile } from './prisma-models.ts'

/**
 * The files of a Prisma schema: the file itself, or every `.prisma` file of a folder and below, as Prisma takes them.
 *
 * @param path absolute
 * @param shown as the user wrote it
 * @throws ActionError when it cannot be read
 */
export declare function readSchemaFiles(path: string, shown: string): Promise<readonly PrismaSchemaFile[]>
