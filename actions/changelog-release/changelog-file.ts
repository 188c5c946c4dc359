import { readFile, realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { errorCode } from '../shared/http-failure.ts'
import type { Problem } from '../shared/problem.ts'

/**
 * Reads the changelog's text. Not where its path leads, but where the file is counts: a link out of the checkout could
 * publish any file of the runner.
 *
 * @param path relative to the workspace, as the user wrote it
 */
export async function readChangelogFile(workspace: string, path: string): Promise<string | Problem> {
  try {
    const root = await realpath(workspace)
    const file = await realpath(resolve(workspace, path))
    if (isOutside(root, file)) return outside(path)
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return {
        code: 'changelog-not-utf8',
        message: `${path} is not UTF-8.`,
        hint: 'Save the file as UTF-8.',
        file: path
      }
    }
    if (code === '') throw error
    return {
      code: 'changelog-unreadable',
      message: code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read (${code}).`,
      hint: 'Check the input `changelog` (relative to the workspace), and that actions/checkout ran before.',
      file: path
    }
  }
}

function isOutside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)
}

function outside(path: string): Problem {
  return {
    code: 'changelog-outside-workspace',
    message: `${path} leads out of the workspace.`,
    hint: 'Only files of the workspace are published. Copy the changelog there in an earlier step.',
    file: path
  }
}
