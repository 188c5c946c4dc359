import { ActionError } from '../../actions/shared/problem.ts'
import { readOptions, type Options } from '../../rehearse/options.ts'

/** The options of a command line that is right. */
export function optionsOf(...args: readonly string[]): Options {
  const read = readOptions(args)
  if (!('options' in read)) throw new Error(JSON.stringify(read))
  return read.options
}

/** What is told of everything that is wrong; nothing where nothing is. */
export function messagesOf(read: () => unknown): readonly string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof ActionError) return error.problems.map(({ message }) => message)
    throw error
  }
  return []
}
