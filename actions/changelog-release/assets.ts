import { glob, realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, relative, resolve, sep } from 'node:path'
import { digestFile } from '../shared/files.ts'
import type { Problem } from '../shared/problem.ts'
import { labelFor, remoteName } from './asset-name.ts'
import { contentType } from './content-type.ts'

/** A local file that is to be an asset of the release. */
export interface Asset {
  /** Relative to the workspace, with `/`. */
  readonly path: string
  readonly absolutePath: string
  /** The name GitHub will store it under. */
  readonly name: string
  /** The file's own name, where GitHub rewrites it. */
  readonly label?: string
  readonly contentType: string
  /** Bytes. */
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** Assets a release may have, enforced since July 2025 (docs.github.com, "About releases"). */
const mostAssets = 1_000

/** "Each file must be under 2 GiB" (docs.github.com, "About releases"). Bytes. */
const tooLarge = 2 ** 31

/**
 * Finds the files that the globs name and reads each once for its hash. Everything that GitHub would refuse or change
 * without a word is a problem; all are told together.
 *
 * @param patterns paths or globs (node:fs), relative to the workspace or absolute in it
 * @returns the assets by name
 */
export async function findAssets(
  workspace: string,
  patterns: readonly string[]
): Promise<{ readonly assets: readonly Asset[]; readonly problems: readonly Problem[] }> {
  const root = await realpath(workspace)
  const problems: Problem[] = []
  const found = new Map<string, FoundFile>()
  for (const pattern of patterns) {
    const files = await match(root, inside(workspace, pattern))
    if ('problem' in files) problems.push(files.problem)
    else for (const file of files.files) found.set(file.absolutePath, file)
  }
  const files = [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  problems.push(...files.flatMap((file) => fileProblems(file)), ...nameProblems(files))
  if (files.length > mostAssets) {
    problems.push({
      code: 'assets-too-many',
      message: `The globs in \`assets\` match ${files.length} files; a release can have ${mostAssets}.`,
      hint: 'Pack them into archives, or name fewer files.'
    })
  }
  if (problems.length > 0) return { assets: [], problems }
  const assets: Asset[] = []
  for (const file of files) assets.push(await readAsset(file))
  return { assets: assets.sort((a, b) => (a.name < b.name ? -1 : 1)), problems }
}

interface FoundFile {
  readonly path: string
  readonly absolutePath: string
  readonly fileName: string
  readonly size: number
}

/** The runner may know the workspace by a link; an absolute path then begins with the link, not with where it leads. */
function inside(workspace: string, pattern: string): string {
  const base = resolve(workspace)
  return isAbsolute(pattern) && !isOutside(base, pattern) ? relative(base, pattern) : pattern
}

type Matched = { readonly files: readonly FoundFile[] } | { readonly problem: Problem }

async function match(root: string, pattern: string): Promise<Matched> {
  // A file of exactly this name goes first: `app[1].zip` is a name as well as a glob.
  const literal = resolve(root, pattern)
  const paths = (await isFile(literal)) ? [literal] : []
  if (paths.length === 0) {
    for await (const path of glob(pattern, { cwd: root })) paths.push(resolve(root, path))
  }
  const files: FoundFile[] = []
  let folders = 0
  let others = 0
  for (const absolutePath of paths) {
    // Not what is linked, but where it leads: a link out of the checkout could publish any file of the runner.
    const real = await realpath(absolutePath).catch(() => undefined)
    if (real === undefined) return { problem: brokenLink(shownPath(root, absolutePath)) }
    if (isOutside(root, absolutePath) || isOutside(root, real))
      return { problem: outside(pattern, shownPath(root, absolutePath)) }
    const info = await stat(real)
    if (info.isFile()) {
      files.push({
        path: shownPath(root, absolutePath),
        absolutePath,
        fileName: basename(absolutePath),
        size: info.size
      })
    } else if (info.isDirectory()) folders++
    else others++
  }
  return files.length === 0 ? { problem: unmatched(pattern, folders, others) } : { files }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false
  )
}

function isOutside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)
}

function shownPath(root: string, path: string): string {
  return isOutside(root, path) ? path : relative(root, path).replaceAll(sep, '/')
}

function unmatched(pattern: string, folders: number, others: number): Problem {
  if (others > 0) {
    return {
      code: 'asset-not-a-file',
      message: `${JSON.stringify(pattern)} in \`assets\` matches a pipe, a socket or a device, and no file.`,
      hint: 'Write its contents to a file in an earlier step, and name that.'
    }
  }
  return folders === 0
    ? {
        code: 'asset-glob-unmatched',
        message: `No file matches ${JSON.stringify(pattern)} in \`assets\`.`,
        hint: 'Check the path: it is relative to the workspace, and earlier steps (a download of build artifacts, say) must have put the files there. Names with a leading dot are matched only when the glob has the dot.'
      }
    : {
        code: 'asset-is-a-folder',
        message: `${JSON.stringify(pattern)} in \`assets\` matches only folders.`,
        hint: `A release carries files. Name the files in it (\`${pattern.replace(/\/+$/, '')}/*\`), or pack the folder into an archive.`
      }
}

function outside(pattern: string, path: string): Problem {
  return {
    code: 'asset-outside-workspace',
    message: `${JSON.stringify(pattern)} in \`assets\` leads out of the workspace (${JSON.stringify(path)}).`,
    hint: 'Only files of the workspace are published. Copy the file there in an earlier step.'
  }
}

function brokenLink(path: string): Problem {
  return {
    code: 'asset-unreadable',
    message: `${JSON.stringify(path)} is a link that leads nowhere.`,
    hint: 'Put the file where the link points, or leave the link out of `assets`.'
  }
}

function fileProblems({ path, size }: FoundFile): Problem[] {
  if (size === 0) {
    return [
      {
        code: 'asset-empty',
        message: `${JSON.stringify(path)} has no bytes, and GitHub takes no empty assets.`,
        hint: 'Check the step that writes the file, or leave it out of `assets`.',
        file: path
      }
    ]
  }
  if (size >= tooLarge) {
    return [
      {
        code: 'asset-too-large',
        message: `${JSON.stringify(path)} has ${size} bytes; GitHub takes assets of less than 2 GiB (${tooLarge} bytes).`,
        hint: 'Compress or split the file.',
        file: path
      }
    ]
  }
  return []
}

/** Names of which GitHub would leave nothing, and files that would get the same name. */
function nameProblems(files: readonly FoundFile[]): Problem[] {
  const problems: Problem[] = []
  const taken = new Map<string, FoundFile>()
  for (const file of files) {
    const name = remoteName(file.fileName)
    if (name === undefined) {
      problems.push({
        code: 'asset-name-unusable',
        message: `GitHub would leave nothing of the name ${JSON.stringify(file.fileName)}: it keeps letters A-Z, digits, and - _ + @ . only.`,
        hint: 'Rename the file.',
        file: file.path
      })
      continue
    }
    const other = taken.get(name)
    if (other !== undefined) {
      problems.push({
        code: 'asset-name-collision',
        message: `${JSON.stringify(other.path)} and ${JSON.stringify(file.path)} would both be the asset ${name}.`,
        hint: 'Rename one of them: GitHub drops folders, and makes a dot of every character but letters A-Z, digits, and - _ + @.',
        file: file.path
      })
    } else taken.set(name, file)
  }
  return problems
}

async function readAsset({ path, absolutePath, fileName }: FoundFile): Promise<Asset> {
  const { sha256, size } = await digestFile(absolutePath)
  const name = remoteName(fileName) ?? fileName
  const label = labelFor(fileName, name)
  return {
    path,
    absolutePath,
    name,
    ...(label === undefined ? {} : { label }),
    contentType: contentType(fileName),
    size,
    sha256
  }
}
