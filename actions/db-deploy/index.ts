import { run } from '../shared/run.ts'
import { dbDeploy } from './main.ts'
import { isPostStep, runPost } from './post.ts'

if (isPostStep(process.env)) await runPost(process.env)
else await run(dbDeploy)
