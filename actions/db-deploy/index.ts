import { run } from '../shared/run.ts'
import { dbDeploy } from './main.ts'
import { isPostStep, runPost } from './post.ts'
import { readInputs } from './read-inputs.ts'

if (isPostStep(process.env)) await runPost(process.env, (reader, context) => readInputs(reader, context, process.env))
else await run(dbDeploy)
