import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { quoted } from './lent-programs.ts'
import { toldFile } from './told.ts'

/** Folders and files that stand for the machine's own while jobs run. */
export interface Room {
  readonly home: string
  readonly temp: string
  /** Empty file, for programs that want to be told what to read. */
  readonly nothing: string
  readonly gitConfig: string
  /** Programs of the rehearsal's own, for PATH. */
  readonly programs: string
  /** Programs that a hosted runner has, for a machine that lacks them: last on PATH. */
  readonly fallbacks: string
}

/**
 * What steps may see of this machine's environment. Everything else stays out: tokens, keys, agents' sockets,
 * configuration of package managers. Names for Windows are those without which programs do not start.
 */
const allowed = [
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TERM',
  'SystemRoot',
  'SystemDrive',
  'ComSpec',
  'PATHEXT',
  'windir',
  'NUMBER_OF_PROCESSORS',
  'ProgramFiles',
  'ProgramData',
  'CommonProgramFiles'
]

/**
 * Makes the room inside `work`.
 *
 * @param origin the bare repository that stands for the one on GitHub
 */
export function makeRoom(work: string, origin: string): Room {
  const room = {
    home: join(work, 'home'),
    temp: join(work, 'tmp'),
    nothing: join(work, 'nothing'),
    gitConfig: join(work, 'gitconfig'),
    programs: join(work, 'programs'),
    fallbacks: join(work, 'fallbacks')
  }
  for (const folder of [room.home, room.temp, room.programs, room.fallbacks]) mkdirSync(folder, { recursive: true })
  writeFileSync(room.nothing, '')
  writeFileSync(
    room.gitConfig,
    ['[safe]', '\tdirectory = *', '[protocol "ext"]', '\tallow = always', '[init]', '\tdefaultBranch = main', ''].join(
      '\n'
    )
  )
  writeFileSync(join(room.programs, 'git-remote-rehearsal'), remoteHelper(origin), { mode: 0o755 })
  for (const program of sshPrograms)
    writeFileSync(join(room.programs, program), sshRefusal(program, join(work, toldFile)), { mode: 0o755 })
  writeFileSync(join(room.fallbacks, 'pipx'), pipx, { mode: 0o755 })
  return room
}

/**
 * git's helper for remotes with `vcs = rehearsal`: they keep their address on GitHub, which `gh` and others read, and
 * whatever is fetched or pushed goes to the copy on disk (gitremote-helpers(7), git-remote-ext(1)).
 */
function remoteHelper(origin: string): string {
  const path = origin.replaceAll('\\', '/').replaceAll('%', '%%').replaceAll(' ', '% ')
  return `#!/bin/sh\nexec git remote-ext "$1" "git %s ${path.replaceAll(/["$`]/g, '\\$&')}"\n`
}

/** OpenSSH takes the home folder, and so the keys, from the user database and not from HOME; and it knows no proxy. */
const sshPrograms = ['ssh', 'scp', 'sftp', 'ssh-add', 'ssh-keyscan', 'ssh-copy-id'] as const

/** Stands for a program of OpenSSH: refuses, and tells the rehearsal whom it should have talked to. */
function sshRefusal(program: string, told: string): string {
  return `#!/bin/sh
asked=$(printf '%s' "$*" | tr '\\n' ' ' | tr -cd '[:alnum:]@._:/ ~=+,-')
printf '{"kind":"not rehearsed","text":"an SSH connection was refused: ${program} %s"}\\n' "$asked" >> ${quoted(told)}
echo "${program}: a rehearsal opens no SSH connections and uses none of this machine's keys; refused: $asked" >&2
exit 255
`
}

/** Hosted runners have pipx, and `pipx run build` is the shortest way to a wheel: it comes into the job's own Python. */
const pipx = `#!/bin/sh
python -c 'import pipx' 2>/dev/null || python -m pip install --quiet pipx || exit 1
exec python -m pipx "$@"
`

/** PATH for steps. Node 24 comes first: act runs JavaScript actions with the first `node` there. */
export function searchPath(room: Room, ...first: readonly string[]): string {
  return [...first, room.programs, node24Folder(), ...machinePath(), room.fallbacks].join(delimiter)
}

/** The environment that act starts in and hands to every step. */
export function stepEnvironment(room: Room): Record<string, string> {
  const kept = Object.fromEntries(
    allowed.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )
  return {
    ...kept,
    ...homeVariables(room.home),
    PATH: searchPath(room),
    TMPDIR: room.temp,
    TEMP: room.temp,
    TMP: room.temp,
    CI: 'true',
    GIT_CONFIG_SYSTEM: room.gitConfig,
    GIT_TERMINAL_PROMPT: '0',
    GIT_SSH_COMMAND: quoted(join(room.programs, 'ssh')),
    // git would ask the program for its variant otherwise.
    GIT_SSH_VARIANT: 'ssh',
    // `devnull` switches off every configuration file of pip, the system's too (pip's documentation, Configuration).
    PIP_CONFIG_FILE: process.platform === 'win32' ? 'nul' : '/dev/null',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
    NPM_CONFIG_GLOBALCONFIG: room.nothing,
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    UV_NO_SYSTEM_CONFIG: '1',
    UV_PYTHON_DOWNLOADS: 'never',
    GH_NO_UPDATE_NOTIFIER: '1',
    // act asks its maker's server for news otherwise (cmd/notices.go).
    ACT_DISABLE_VERSION_CHECK: '1',
    DO_NOT_TRACK: '1',
    // Prisma's does so too.
    CHECKPOINT_DISABLE: '1'
  }
}

/** A home folder and everything that programs derive from one, made on disk. */
export function homeVariables(home: string): Record<string, string> {
  const variables = {
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, 'AppData', 'Roaming'),
    LOCALAPPDATA: join(home, 'AppData', 'Local'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_STATE_HOME: join(home, '.local', 'state')
  }
  for (const folder of [variables.HOME, variables.XDG_CONFIG_HOME, variables.XDG_CACHE_HOME])
    mkdirSync(folder, { recursive: true })
  return variables
}

/** Folder of the Node that runs this program. */
function node24Folder(): string {
  return dirname(process.execPath)
}

/** PATH without folders that npm put in front for its scripts: they hold this project's tools, not the machine's. */
function machinePath(): readonly string[] {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(
      (folder) =>
        folder !== '' &&
        !/[\\/]node_modules[\\/](?:\.bin|@npmcli[\\/]run-script[\\/].*|npm[\\/].*node-gyp-bin)$/.test(folder)
    )
}

export function workFolderPrefix(): string {
  return join(tmpdir(), 'rehearsal-')
}
