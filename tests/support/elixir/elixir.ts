import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/**
 * Runs one of this folder's Elixir scripts in a virtual machine of its own.
 *
 * @param script its file name
 * @param input what it reads from standard input
 * @returns what it wrote to standard output
 * @throws Error with its own words when it fails
 */
export async function elixir(script: string, input: string, args: readonly string[] = []): Promise<string> {
  const child = spawn('elixir', [join(import.meta.dirname, script), ...args], {
    env: { ...process.env, ELIXIR_ERL_OPTIONS: '+fnu', LANG: 'C.UTF-8' }
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve)
  })
  child.stdin.end(input)
  const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  if (exitCode !== 0) throw new Error(`${script} exited with ${exitCode}: ${errors.slice(-4000)}`)
  return output
}
