import { executable } from '../shared/phases.ts'
import { run } from '../shared/run.ts'
import { pypiPublish } from './main.ts'

await run(executable(pypiPublish))
