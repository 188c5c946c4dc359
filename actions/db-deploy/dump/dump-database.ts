import { rmSync } from 'node:fs'
import { digestFile } from '../../shared/files.ts'
import { ActionError, fail } from '../../shared/problem.ts'
import type { World } from '../../shared/world.ts'
import { throwIfCancelled } from '../cancelled.ts'
import { endBackends } from '../lock/backends.ts'
import type { Journal } from '../journal.ts'
import type { Backup } from '../record.ts'
import { backupFile, createPrivately, diskFailure, finish, removeUnfinished, roomFor, sizeOf } from './backup-file.ts'
import type { BackupFile } from './backup-file.ts'
import { clientFailure } from './client-failure.ts'
import { runClient, type ClientRun } from './client.ts'
import { encryptFile, encryptionProblems, isToBeEncrypted } from './encryption.ts'
import { findDumpPrograms, type DumpPrograms } from './programs.ts'
import { proveDump } from './prove-dump.ts'
import { restoreCommand } from './restore-command.ts'
import { holdSnapshot, type Snapshot } from './snapshot.ts'
import type { BackupRequest } from './take-backup.ts'
import { scratchProblems } from './test-restore.ts'

/** Dumps a database into a file of the backup folder, proves it, and only then gives the file its name. */
export async function dumpDatabase(
  request: BackupRequest,
  world: World,
  journal: Journal
): Promise<Omit<Backup, 'took'>> {
  const { inputs, url } = request
  const programs = await programsFor(request, world)
  const encrypted = isToBeEncrypted(inputs)
  const file = backupFile(inputs.folder, url.database, world.clock.now(), encrypted)
  journal.leaves([file.partial, file.plain])
  const deadline = world.clock.now() + inputs.timeout
  const run = {
    applicationName: `${request.applicationName} backup`,
    folder: inputs.folder,
    environmentVariables: request.environmentVariables,
    get timeout() {
      return Math.max(1, deadline - world.clock.now())
    }
  }
  try {
    const dumped = await dump(request, file, programs, run, world)
    const proof = await proveDump(request, file.plain, dumped, programs, run, world)
    const plain = await digestFile(file.plain)
    if (encrypted) {
      await encrypt(file, request, world)
      rmSync(file.plain)
    }
    throwIfCancelled(world, 'the backup was about to get its name')
    finish(file)
    // Read back from where it is now: this is what is uploaded.
    const { sha256, size } = await digestFile(file.path)
    return {
      file: file.path,
      bytes: size,
      sha256,
      ...(encrypted ? { plainSha256: plain.sha256 } : {}),
      ...proof,
      encrypted,
      program: programs.told,
      restore: restoreCommand(file.path, url.database, inputs)
    }
  } catch (error) {
    // What the file system refuses (a full disk) is no fault of this program.
    throw error instanceof Error && 'syscall' in error ? diskFailure(inputs.folder, error) : error
  } finally {
    removeUnfinished(file)
  }
}

async function programsFor(request: BackupRequest, world: World): Promise<DumpPrograms> {
  const found = await findDumpPrograms(request.serverVersion, request.environmentVariables, world)
  const problems = [
    ...('problems' in found ? found.problems : []),
    ...encryptionProblems(request.inputs),
    ...(request.inputs.verify === 'restore' ? await scratchProblems(request, world) : [])
  ]
  if ('problems' in found || problems.length > 0) throw new ActionError(problems)
  return found.programs
}

type Run = Omit<ClientRun, 'program' | 'args'>

/** What was dumped: the state of the database that the dump is of. */
export interface Dumped {
  readonly snapshot: Pick<Snapshot, 'relations' | 'additions' | 'largeObjects'>
  /** Only where they are to be compared. */
  readonly rows: ReadonlyMap<string, number> | undefined
}

async function dump(
  request: BackupRequest,
  file: BackupFile,
  programs: DumpPrograms,
  run: Run,
  world: World
): Promise<Dumped> {
  const { inputs, url, applicationName } = request
  const snapshot = await holdSnapshot(url, { applicationName, timeout: run.timeout }, world)
  try {
    const room = roomFor(inputs.folder, snapshot.tableBytes, isToBeEncrypted(inputs))
    if (room.warning !== undefined) world.log.warning(room.warning)
    if (room.problem !== undefined) throw new ActionError([room.problem])
    createPrivately(file.plain)
    // Beside the dump, in the same state of the database: reading it twice at once costs less than one after the other.
    const counting = inputs.verify === 'restore' ? snapshot.countRows() : Promise.resolve(undefined)
    counting.catch(() => undefined)
    const result = await runClient(
      {
        ...run,
        timeout: run.timeout,
        program: programs.dump,
        args: [
          ...['--format=custom', `--file=${file.plain}`, `--snapshot=${snapshot.id}`, '--no-password'],
          `--lock-wait-timeout=${Math.min(lockWait, run.timeout)}`
        ],
        url: snapshot.url
      },
      world
    )
    if (result.end !== 'exited') await endDumping(snapshot, run, world)
    // Also with exit code 0: it is what pg_dump ends with where its output was lost behind its back.
    if (result.exitCode !== 0 || sizeOf(file.plain) === 0)
      throw clientFailure('deploy-backup-failed', programs.told, result, world)
    return { snapshot, rows: await counting }
  } finally {
    await snapshot.release()
  }
}

/** Milliseconds that pg_dump waits for a table that somebody has locked, before it gives up. */
const lockWait = 60_000

/**
 * A pg_dump that was killed leaves its backend, with a lock on every table, until that has something to send and finds
 * nobody there.
 */
async function endDumping(snapshot: Snapshot, { applicationName }: Run, world: World): Promise<void> {
  try {
    await endBackends(snapshot.url, applicationName, world)
  } catch (error) {
    world.log.warning(
      `Whether pg_dump's connection has ended could not be seen: ${error instanceof Error ? error.message : String(error)}`
    )
  }
}

async function encrypt(file: BackupFile, { inputs }: BackupRequest, world: World): Promise<void> {
  try {
    await encryptFile(file.plain, file.partial, inputs, world.cancelled)
  } catch (error) {
    throwIfCancelled(world, 'the backup was encrypted')
    if (error instanceof Error && 'syscall' in error) throw error
    fail(
      {
        code: 'deploy-backup-failed',
        message: `The backup could not be encrypted: ${error instanceof Error ? error.message : String(error)}.`,
        hint: 'Nothing was migrated, and no file was left. Look at `backup-recipient`.'
      },
      error
    )
  }
}
