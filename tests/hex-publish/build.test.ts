import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { buildTarball, type BuiltTarball } from '../../actions/hex-publish/build.ts'
import { readProject } from '../../actions/hex-publish/project.ts'
import { ActionError, type Problem } from '../../actions/shared/problem.ts'
import { environmentWith, folderWith, quietWorld } from './programs.ts'

const execute = promisify(execFile)

interface Built {
  readonly tarball: BuiltTarball | undefined
  readonly problems: readonly Problem[]
  readonly said: readonly string[]
}

/** Builds the project in a folder with one program on PATH. */
async function build(folder: string, program: string, source: string, shown = '.'): Promise<Built> {
  const world = quietWorld()
  try {
    const tarball = await buildTarball(
      readProject(folder, shown),
      { env: environmentWith({ [program]: source }) },
      world
    )
    return { tarball, problems: [], said: world.log.lines }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return { tarball: undefined, problems: error.problems, said: world.log.lines }
  }
}

const saves = `if (args.join(' ') !== 'hex.build') process.exit(9)
console.log('Building demo 0.1.0'); fs.writeFileSync('demo-0.1.0.tar', 'new ' + process.cwd()); console.log('Saved to demo-0.1.0.tar')`

describe('a package is built', () => {
  test('by mix, in the project’s folder, and read from where mix left it', async () => {
    const folder = folderWith({ 'mix.exs': '' })
    const { tarball, said } = await build(folder, 'mix', saves, 'packages/demo')
    expect(tarball).toMatchObject({ path: join(folder, 'demo-0.1.0.tar'), shown: 'packages/demo/demo-0.1.0.tar' })
    expect(tarball?.bytes.toString()).toBe(`new ${folder}`)
    expect(said).toEqual(['mix hex.build', 'Building demo 0.1.0', 'Saved to demo-0.1.0.tar'])
  })

  test('again over an older one of the same name, while other packages that lie there are left alone', async () => {
    const folder = folderWith({ 'mix.exs': '', 'demo-0.1.0.tar': 'older', 'other-2.0.0.tar': 'another' })
    const { tarball } = await build(folder, 'mix', saves)
    expect(tarball?.bytes.toString()).toBe(`new ${folder}`)
    expect(readFileSync(join(folder, 'other-2.0.0.tar'), 'utf8')).toBe('another')
  })

  test('and taken by the name that Hex says, where the build leaves other archives too', async () => {
    const { tarball } = await build(
      folderWith({ 'mix.exs': '' }),
      'mix',
      `fs.writeFileSync('assets.tar', 'other'); ${saves}`
    )
    expect(tarball?.shown).toBe('demo-0.1.0.tar')
  })

  test('beside links to nothing and in circles that lay there before', async () => {
    const folder = folderWith({ 'mix.exs': '' })
    symlinkSync('nowhere', join(folder, 'old.tar'))
    symlinkSync('circle.tar', join(folder, 'circle.tar'))
    expect((await build(folder, 'mix', saves)).tarball?.shown).toBe('demo-0.1.0.tar')
  })

  test.each([
    ['rebar3', 'rebar.config', 'hex build package', '_build/default/lib/demo/hex/demo-0.1.0.tar'],
    ['gleam', 'gleam.toml', 'export hex-tarball', 'build/demo-0.1.0.tar']
  ])('by %s, which puts it into a folder of its own', async (program, file, command, left) => {
    const folder = folderWith({ [file]: '' })
    const source = `if (args.join(' ') !== '${command}') process.exit(9)
      fs.mkdirSync(require('node:path').dirname('${left}'), { recursive: true }); fs.writeFileSync('${left}', 'tar')`
    const { tarball } = await build(folder, program, source)
    expect(tarball).toMatchObject({ path: join(folder, left), shown: left })
  })

  test('with what the tool warned of, but not with what it only tells', async () => {
    const source = `${saves}; console.error('You have not included any licenses'); console.log('warning: unused variable')`
    const { tarball } = await build(folderWith({ 'mix.exs': '' }), 'mix', source)
    expect([...(tarball?.warnings ?? [])].sort()).toEqual([
      'You have not included any licenses',
      'warning: unused variable'
    ])
  })
})

describe('a build fails', () => {
  test.each([
    // Said by Mix 1.14 where no archive is installed.
    [
      'mix',
      'hex-missing',
      'Could not find Hex, which is needed to build dependency :jason\nShall I install Hex? [Yn] ',
      'mix local.hex --force'
    ],
    ['mix', 'hex-missing', '** (Mix) The task "hex.build" could not be found', 'install-hex'],
    ['rebar3', 'hex-missing', '===> Command hex not found', 'rebar3_hex'],
    [
      'mix',
      'dependencies-missing',
      'Unchecked dependencies for environment dev:\n* jason (Hex package)\n  the dependency is not available, run "mix deps.get"',
      'mix deps.get\n  working-directory: packages/demo'
    ],
    ['rebar3', 'dependencies-missing', '===> No lockfile detected.', 'rebar3 lock'],
    [
      'mix',
      'dependency-not-on-hex',
      'Stopping package build due to errors.\nDependencies excluded from the package (only Hex packages can be dependencies): schema, other',
      'Publish these first'
    ],
    [
      'rebar3',
      'dependency-not-on-hex',
      '===> Some dependencies were excluded from the package; only Hex packages can be dependencies: schema',
      'Publish these first'
    ],
    ['mix', 'umbrella-project', '** (Mix) Hex does not support umbrella projects', 'packages/demo/apps/NAME'],
    [
      'mix',
      'package-incomplete',
      '** (Mix) Stopping package build due to errors.\nMissing metadata fields: description, licenses',
      'mix.exs'
    ],
    [
      'mix',
      'build-failed',
      'Missing files: none\nesbuild: No files changed\n** (CompileError) lib/demo.ex:1',
      'no input'
    ],
    [
      'mix',
      'tool-version-missing',
      "** (Mix) You're trying to run :demo on Elixir v1.14.0 but it has declared in its mix.exs file it supports only Elixir ~> 1.15",
      "elixir-version: '~> 1.15'"
    ],
    ['mix', 'build-failed', '** (CompileError) lib/demo.ex:1', 'gets no input and no key']
  ])('%s: %s', async (program, code, text, instruction) => {
    const folder = folderWith({ [program === 'mix' ? 'mix.exs' : 'rebar.config']: '' })
    const source = `process.stderr.write(${JSON.stringify(text)}); process.exitCode = 1`
    const { problems } = await build(folder, program, source, 'packages/demo')
    expect(problems).toMatchObject([{ code }])
    expect(problems[0]?.hint).toContain(instruction)
    // Whatever we make of it, the tool's own words stand below.
    expect(problems[0]?.hint).toContain(text.split('\n').at(-1)?.trim())
  })

  test('with its names where it depends on what is not on Hex', async () => {
    const source = `console.error('Dependencies excluded from the package (only Hex packages can be dependencies): schema'); process.exitCode = 1`
    const { problems } = await build(folderWith({ 'mix.exs': '' }), 'mix', source)
    expect(problems[0]?.message).toBe('The package in the workspace depends on what is not on Hex: schema.')
  })

  test.each([
    ['no file', '', 'left no new file *.tar', {}],
    ['only the file of an earlier build', '', 'left no new file *.tar', { 'demo-0.1.0.tar': 'old' }],
    [
      'two files',
      `fs.writeFileSync('a-1.0.0.tar', ''); fs.writeFileSync('b-1.0.0.tar', '')`,
      'left several: a-1.0.0.tar, b-1.0.0.tar',
      {}
    ]
  ])('that ended well and left %s', async (_, source, message, there) => {
    const folder = folderWith({ 'mix.exs': '', ...there })
    const { problems } = await build(folder, 'mix', source)
    expect(problems).toMatchObject([{ code: 'build-failed' }])
    expect(problems[0]?.message).toContain(message)
  })

  test.each([
    ['a link to a device without end', `fs.symlinkSync('/dev/zero', 'p-1.tar')`, 'it is a link'],
    ['a link to another file', `fs.symlinkSync('mix.exs', 'p-1.tar')`, 'it is a link'],
    ['a link to nothing', `fs.symlinkSync('nowhere', 'p-1.tar')`, 'it is a link'],
    ['a link to itself', `fs.symlinkSync('p-1.tar', 'p-1.tar')`, 'it is a link'],
    [
      'a pipe that nobody writes to',
      `require('node:child_process').execFileSync('/usr/bin/mkfifo', ['p-1.tar'])`,
      'it is no file'
    ],
    ['a folder', `fs.mkdirSync('p-1.tar')`, 'it is no file']
  ])('that left %s, without reading it', async (_, source, fault) => {
    const { problems } = await build(folderWith({ 'mix.exs': 'x' }), 'mix', source)
    expect(problems).toMatchObject([
      { code: 'build-failed', message: `mix hex.build left p-1.tar, and it cannot be taken: ${fault}.` }
    ])
  })

  test('where the package is so long that nobody takes it, before it is read', async () => {
    const source = `fs.writeFileSync('demo-0.1.0.tar', ''); fs.truncateSync('demo-0.1.0.tar', 3 * 1024 ** 3)`
    const { problems } = await build(folderWith({ 'mix.exs': '' }), 'mix', source)
    expect(problems[0]?.message).toContain('3221225472 bytes')
  })

  test('by a question, because nobody answers it', async () => {
    const source = `process.stdout.write('No authenticated user found. Do you want to authenticate? [Yn] ')
      if (fs.readSync(0, Buffer.alloc(10)) === 0) { console.error('no answer'); process.exit(1) }`
    const { problems } = await build(folderWith({ 'mix.exs': '' }), 'mix', source)
    expect(problems[0]?.hint).toContain('no answer')
  })
})

describe('a mix.exs that looks for the key', () => {
  const key = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'

  /** Everything that a program can look into, as it would be found there. */
  const hostile = String.raw`
    const read = (path) => { try { return fs.readFileSync(path, 'latin1') } catch (error) { return 'cannot be read: ' + error.code } }
    const found = { environment: JSON.stringify(process.env), arguments: JSON.stringify(process.argv) }
    const stdin = Buffer.alloc(1000)
    found.stdin = stdin.toString('latin1', 0, fs.readSync(0, stdin))
    try { found.terminal = fs.readFileSync('/dev/tty', 'latin1') } catch { found.terminal = '' }
    found.files = ''
    for (const fd of fs.existsSync('/proc/self/fd') ? fs.readdirSync('/proc/self/fd') : []) {
      let target = ''
      try { target = fs.readlinkSync('/proc/self/fd/' + fd) } catch {}
      found.files += target + '\n'
      if (target.startsWith('/') && !/^\/(dev|proc|sys)\//.test(target)) { try { found.files += read(target) } catch {} }
    }
    found.folder = fs.readdirSync('.').filter((name) => name !== 'found.json').map((name) => name + read(name)).join('\n')
    found.git = fs.existsSync('.git') ? read('.git/config') : ''
    found.parentEnvironment = read('/proc/' + process.ppid + '/environ')
    found.parentArguments = read('/proc/' + process.ppid + '/cmdline')
    fs.writeFileSync('found.json', JSON.stringify(found))
    console.log('I have it: ' + (/${key}/.exec(found.parentEnvironment) ?? [''])[0])
    fs.writeFileSync('demo-0.1.0.tar', 'tar')
  `

  /** Runs a build in a process of its own that was started as the runner starts an action: with the key as an input. */
  async function attack(): Promise<{ readonly found: Readonly<Record<string, string>>; readonly log: string }> {
    const folder = folderWith({ 'mix.exs': '' })
    mkdirSync(join(folder, '.git'))
    writeFileSync(join(folder, '.git', 'config'), '[core]\n')
    const actions = join(import.meta.dirname, '..', '..', 'actions')
    const parent = join(folderWith({}), 'parent.ts')
    writeFileSync(
      parent,
      `import { buildTarball } from ${JSON.stringify(join(actions, 'hex-publish', 'build.ts'))}
       import { readProject } from ${JSON.stringify(join(actions, 'hex-publish', 'project.ts'))}
       import { childEnvironment } from ${JSON.stringify(join(actions, 'shared', 'program.ts'))}
       import { createSecrets } from ${JSON.stringify(join(actions, 'shared', 'secrets.ts'))}
       const secrets = createSecrets(() => undefined)
       secrets.add(process.env['INPUT_API-KEY'] ?? '')
       // What an action can take back of what it was started with: its own copy.
       delete process.env['INPUT_API-KEY']
       const log = { info: (line: string) => console.log(line), group: (_: string, body: () => unknown) => body() } as never
       await buildTarball(readProject(process.argv[2] ?? '', '.'), { env: childEnvironment(process.env, { secrets }) }, { log, secrets })`
    )
    const { stdout } = await execute(process.execPath, ['--disable-warning=ExperimentalWarning', parent, folder], {
      env: {
        ...environmentWith({ mix: hostile }),
        'INPUT_API-KEY': key,
        HEX_API_KEY: key,
        MY_KEY: key,
        GITHUB_TOKEN: 'ghs_token',
        ACTIONS_RUNTIME_TOKEN: 'runtime'
      }
    })
    return {
      found: JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8')) as Record<string, string>,
      log: stdout
    }
  }

  test('finds it nowhere but, on Linux, in what our process was started with: the documented hole', async () => {
    const { found, log } = await attack()
    const { parentEnvironment, ...rest } = found
    expect(Object.keys(rest).sort()).toEqual(
      ['arguments', 'environment', 'files', 'folder', 'git', 'parentArguments', 'stdin', 'terminal'].sort()
    )
    for (const [place, text] of Object.entries(rest)) {
      expect([place, text.includes(key)]).toEqual([place, false])
      expect([place, /ghs_token|runtime/.test(text)]).toEqual([place, false])
    }
    expect(rest['stdin']).toBe('')
    expect(rest['terminal']).toBe('')
    // Deleting it from process.env does not change this: two jobs do. When it is closed, the docs must change too.
    if (existsSync('/proc/self/environ')) expect(parentEnvironment).toContain(`INPUT_API-KEY=${key}`)
    else expect(parentEnvironment).not.toContain(key)
    expect(log).not.toContain(key)
    expect(log).toContain('I have it: ')
  })
})
