import type { PrismaConfiguration } from './prisma-configuration.ts'

/** The `prisma` of a project as it can be started. */
export interface PrismaProgram {
  /** Node, by which its script is run. */
  readonly node: string
  /** `…/node_modules/prisma/build/index.js` */
  readonly script: string
  /** `7.10.1` */
  readonly version: string
  /** Absolute, the working directory of each command. */
  readonly folder: string
  readonly configuration: PrismaConfiguration
  /** Of this process; each command gets of it what holds no secret, and its own URL. */
  readonly environment: NodeJS.ProcessEnv
}
