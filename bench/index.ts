// `npm run bench`: measures and writes bench/RESULTS.md. Needs Python with pip, for twine and uv.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { archiveSize } from './archive.ts'
import { machine } from './measure.ts'
import { startOfBundles } from './start.ts'
import { uploadsAgainstPeers } from './uploads.ts'

const results = `# Results

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}.
Medians; the programs of a table run in turn (A B C A B C …) after a warm-up. Shared machine: read the ratios.

## Start

Each bundle with no inputs, up to its error about them (15 rounds).

${await startOfBundles()}

## 28 distributions to one index

27 wheels and an sdist of 1 MiB each, plain http on loopback, 50 ms before every answer (5 rounds). pypi-publish also
inspects all files and reads the index before and after; the peers do not.

${await uploadsAgainstPeers()}

## Archive

What a runner downloads, once a job.

${archiveSize()}
`
writeFileSync(join(import.meta.dirname, 'RESULTS.md'), results)
console.log(results)
