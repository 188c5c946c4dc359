import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { makeRoom, stepEnvironment } from '../../rehearse/machine.ts'
import { readTold } from '../../rehearse/told.ts'
import { temporaryFolder } from '../support/run-action.ts'

/** Runs a program as a step would, in a folder whose name is none too easy. */
function inRoom(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const work = join(temporaryFolder('room'), "it's here")
  const room = makeRoom(work, join(work, 'origin.git'))
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: room.home,
    env: { ...stepEnvironment(room), ...environment },
    encoding: 'utf8'
  })
  return { status, text: stdout + stderr, work, room }
}

const onPosix = process.platform === 'win32' ? describe.skip : describe

onPosix('SSH', () => {
  test.each(['ssh', 'scp', 'sftp', 'ssh-add'])('%s is refused, and the rehearsal hears of it', (program) => {
    const { status, text, work } = inRoom('sh', ['-c', `${program} -i key git@example.com 'say "hello" \\'`])
    expect(status).toBe(255)
    expect(text).toContain('a rehearsal opens no SSH connections')
    expect(readTold(work).notRehearsed).toEqual([
      `an SSH connection was refused: ${program} -i key git@example.com say hello `
    ])
  })

  test('is refused to git too, also when a step names a command of its own', () => {
    for (const environment of [{}, { GIT_SSH_COMMAND: 'ssh -o StrictHostKeyChecking=no' }]) {
      const { status, work } = inRoom('git', ['ls-remote', 'git@127.0.0.1:some/where.git'], environment)
      expect(status).toBe(128)
      expect(readTold(work).notRehearsed.join()).toMatch(/refused: ssh .*git@127\.0\.0\.1 git-upload-pack/)
    }
  })
})

describe('the environment of steps', () => {
  test('has git read a system configuration of the rehearsal’s own', () => {
    const { text, room } = inRoom('git', ['config', '--system', '--list', '--show-origin', '-z'])
    expect(text).toContain('safe.directory')
    expect(new Set(text.split('\0').filter((part) => part.startsWith('file:')))).toEqual(
      new Set([`file:${room.gitConfig}`])
    )
  })

  test('keeps act from asking its maker for news', () => {
    const work = temporaryFolder('room')
    expect(stepEnvironment(makeRoom(work, work))['ACT_DISABLE_VERSION_CHECK']).toBe('1')
  })

  test('has nothing of the agent that holds the keys', () => {
    const before = process.env['SSH_AUTH_SOCK']
    process.env['SSH_AUTH_SOCK'] = '/planted'
    try {
      const { text } = inRoom('env', [])
      expect(text).toContain('HOME=')
      expect(text).not.toMatch(/^SSH_/m)
    } finally {
      if (before === undefined) delete process.env['SSH_AUTH_SOCK']
      else process.env['SSH_AUTH_SOCK'] = before
    }
  })
})
