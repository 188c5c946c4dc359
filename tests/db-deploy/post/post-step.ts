// The step after the run by itself: what index.ts starts where the runner says that this is it.
import { runPost } from '../../../actions/db-deploy/post.ts'
import { readInputs } from '../../../actions/db-deploy/read-inputs.ts'

await runPost(process.env, (reader, context) => readInputs(reader, context, process.env))
