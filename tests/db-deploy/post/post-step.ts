// The step after the run by itself: what index.ts starts where the runner says that this is it.
import { isPostStep, runPost } from '../../../actions/db-deploy/post.ts'
import { readInputs } from '../../../actions/db-deploy/read-inputs.ts'

if (!isPostStep(process.env)) throw new Error('the runner gave no state')
await runPost(process.env, (reader, context) => readInputs(reader, context, process.env))
