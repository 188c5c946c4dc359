import { run } from '../shared/run.ts'
import { commandOf } from './command-line.ts'
import { runLocally } from './local.ts'
import { migrationGuard } from './main.ts'

const command = commandOf(process.argv.slice(2), process.env)
if (command === undefined) await run(migrationGuard)
else process.exitCode = await runLocally(command, process.env)
