import { executable } from '../shared/phases.ts'
import { run } from '../shared/run.ts'
import { changelogRelease } from './main.ts'

await run(executable(changelogRelease))
