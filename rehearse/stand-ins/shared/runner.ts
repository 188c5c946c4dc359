import { appendFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'

// What a JavaScript action asks of the runner, by hand: a stand-in is copied out of the project and has no packages.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

export function input(name: string): string {
  return (process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim()
}

export function booleanInput(name: string): boolean {
  return input(name).toLowerCase() === 'true'
}

export function setOutput(name: string, value: string): void {
  appendTo('GITHUB_OUTPUT', name, value)
}

/** Kept for the same action's post step, which finds it in `STATE_name`. */
export function saveState(name: string, value: string): void {
  appendTo('GITHUB_STATE', name, value)
}

export function exportVariable(name: string, value: string): void {
  appendTo('GITHUB_ENV', name, value)
}

export function addPath(folder: string): void {
  appendFileSync(required('GITHUB_PATH'), `${folder}\n`)
}

export function info(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function warning(text: string): void {
  command('warning', text)
}

/** Ends the step as failed, with the message as its error. */
export function fail(text: string): never {
  command('error', text)
  process.exit(1)
}

/** Something that is not as on GitHub although the step did its work; the report shows it. */
export function remark(text: string): void {
  tell('remark', text)
}

/** Something that was not done at all; the rehearsal is then not a whole one. */
export function notRehearsed(text: string): void {
  tell('not rehearsed', text)
}

/** A variable that the rehearsal, or the runner, sets for every step. */
export function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set`)
  return value
}

/** Tells the rehearsal by a file, since annotations may also come from a workflow's own steps. */
function tell(kind: 'remark' | 'not rehearsed', text: string): void {
  info(kind === 'remark' ? text : `not rehearsed: ${text}`)
  appendFileSync(join(required('REHEARSAL_FOLDER'), 'told.jsonl'), `${JSON.stringify({ kind, text })}\n`)
}

function command(name: string, text: string): void {
  const escaped = text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  process.stdout.write(`::${name}::${escaped}\n`)
}

function appendTo(file: string, name: string, value: string): void {
  const end = `end-${randomUUID()}`
  appendFileSync(required(file), `${name}<<${end}\n${value}\n${end}\n`)
}
