import { info, input } from '../shared/runner.ts'

info(`Cache saved with key: ${input('key')} (a rehearsal keeps none)`)
