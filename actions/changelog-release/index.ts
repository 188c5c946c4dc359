import { run } from '../shared/run.ts'
import { changelogRelease } from './main.ts'

await run(changelogRelease)
