import { basename } from 'node:path'
import { run } from '../shared/run.ts'
import { dbDeploy } from './main.ts'
import { runPost } from './post.ts'
import { readInputs } from './read-inputs.ts'

// The step after the job starts post.js, which is this bundle by another name (scripts/build.ts). What a run has saved
// would not tell the two apart: one that is killed at once has saved nothing, and its post must never deploy.
if (basename(process.argv[1] ?? '') === 'post.js')
  await runPost(process.env, (reader, context) => readInputs(reader, context, process.env))
else await run(dbDeploy)
