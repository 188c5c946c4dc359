import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { frontDoors, unpackRunnerArchive } from '../../rehearse/archive.ts'
import { isolatedGit } from '../../rehearse/git.ts'
import { temporaryFolder } from '../support/run-action.ts'

const project = join(import.meta.dirname, '..', '..')
const doors = frontDoors(project)

describe('the archive that a runner downloads', () => {
  let archive: string
  beforeAll(async () => {
    const work = temporaryFolder('archive')
    archive = join(work, 'archive')
    await unpackRunnerArchive(project, archive, work, isolatedGit(work))
  })

  test('holds what runs, and what says how and under which terms, and nothing else', () => {
    expect(readdirSync(archive).toSorted()).toEqual([...doors, 'LICENSE', 'README.md', 'dist'].toSorted())
  })

  test.each(doors)('runs %s, which ends with an instruction and not with a stack', async (door) => {
    const metadata = readFileSync(join(archive, door, 'action.yml'), 'utf8')
    const main = /main: '?([^'\n]+)/.exec(metadata)?.[1] ?? ''
    const file = join(archive, door, main)
    expect(existsSync(file)).toBe(true)
    const work = temporaryFolder('bundle')
    const files = Object.fromEntries(
      ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH'].map((name) => {
        writeFileSync(join(work, name), '')
        return [name, join(work, name)]
      })
    )
    const run = promisify(execFile)(process.execPath, [file], {
      cwd: work,
      env: {
        ...files,
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: work,
        RUNNER_TEMP: work,
        GITHUB_REF: 'refs/heads/main',
        PATH: ''
      }
    })
    const failure: unknown = await run.catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 1 })
    expect(failure).toMatchObject({ stdout: expect.stringContaining('::error') })
    expect(JSON.stringify(failure)).not.toMatch(/ERR_MODULE_NOT_FOUND|SyntaxError|Cannot find module/)
  })
})

describe('an archive', () => {
  test('is made of the working tree, honours export-ignore, and leaves no trace in the repository', async () => {
    const work = temporaryFolder('archive')
    const repository = join(work, 'repository')
    mkdirSync(repository)
    const git = isolatedGit(work)
    await git(['init', '--quiet'], { cwd: repository })
    writeFileSync(join(repository, '.gitattributes'), '/* export-ignore\n/kept -export-ignore\n')
    writeFileSync(join(repository, '.gitignore'), 'ignored\n')
    for (const name of ['kept', 'left', 'ignored']) writeFileSync(join(repository, name), name)
    const before = join(work, 'before')
    cpSync(repository, before, { recursive: true })

    await unpackRunnerArchive(repository, join(work, 'archive'), work, git)
    expect(readdirSync(join(work, 'archive'))).toEqual(['kept'])
    const listing = (folder: string) => readdirSync(folder, { recursive: true }).map(String).toSorted()
    expect(listing(repository)).toEqual(listing(before))
  })
})
