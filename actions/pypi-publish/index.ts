import { run } from '../shared/run.ts'
import { pypiPublish } from './main.ts'

await run(pypiPublish)
