import { booleanInput, fail, info, input, setOutput } from '../shared/runner.ts'

// A first run: nothing is cached yet, and nothing is kept for a second one.
if (input('key') === '') fail('Input required and not supplied: key')
setOutput('cache-hit', 'false')
setOutput('cache-primary-key', input('key'))
if (booleanInput('fail-on-cache-miss'))
  fail(`Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: ${input('key')}`)
info(`Cache not found for input keys: ${input('key')}`)
