import { run } from '../shared/run.ts'
import { hexPublish } from './main.ts'

await run(hexPublish)
