import { ActionError, describe } from '../shared/problem.ts'
import { usage, type Command } from './command-line.ts'
import { findingsJson } from './findings-json.ts'
import { mixSnippet } from './mix-snippet.ts'
import { terminalText, type Terminal } from './terminal.ts'
import type { Verdict } from './verdict.ts'

/** The rooms of the action that commands go through. */
export interface CommandRooms {
  /** Judges a local change. Throws `ActionError` where it cannot. */
  readonly check: (command: Extract<Command, { kind: 'check' }>) => Promise<Verdict>
  /** The manifest's text. Throws `ActionError`. */
  readonly manifest: (command: Extract<Command, { kind: 'manifest' }>) => Promise<string>
}

/** 0: passed. 1: failed. 2: it could not be judged. */
export type ExitCode = 0 | 1 | 2

/** Does what the command line asks for, and tells it. */
export async function runCommand(command: Command, rooms: CommandRooms, terminal: Terminal): Promise<ExitCode> {
  try {
    return await does(command, rooms, terminal)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    for (const problem of error.problems) terminal.err(`${describe(problem)}\n`)
    return 2
  }
}

async function does(command: Command, rooms: CommandRooms, { out, err }: Terminal): Promise<ExitCode> {
  switch (command.kind) {
    case 'check': {
      const verdict = await rooms.check(command)
      out(command.json ? findingsJson(verdict) : terminalText(verdict))
      return verdict.failed ? 1 : 0
    }
    case 'mix-guard':
      out(mixSnippet(command.repository))
      return 0
    case 'manifest':
      out(await rooms.manifest(command))
      return 0
    case 'help':
      out(usage)
      return 0
    case 'usage':
      err(`${command.message}\n\n${usage}`)
      return 2
  }
}
