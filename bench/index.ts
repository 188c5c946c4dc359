// `npm run bench`: measures and writes bench/RESULTS.md. Needs Python with pip, for twine and uv, and the conformance
// suite's Erlang, Elixir and rebar3.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { archiveSize } from './archive.ts'
import { deployAgainstPrisma } from './db-deploy.ts'
import { smokeAgainstSelects } from './db-smoke.ts'
import { hexAgainstPeers } from './hex.ts'
import { machine } from './measure.ts'
import { lintAgainstSquawk } from './migration-guard.ts'
import { startOfBundles } from './start.ts'
import { uploadsAgainstPeers } from './uploads.ts'

const results = `# Results

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}.
Medians; the programs of a table run in turn (A B C A B C …) after a warm-up. Shared machine: read the ratios.

## Start

Each bundle up to its error about its inputs (15 rounds).

${await startOfBundles()}

## 28 distributions to one index

27 wheels and an sdist of 1 MiB each, plain http on loopback, 50 ms before every answer (5 rounds). pypi-publish also
inspects all files and reads the index before and after; the peers do not.

${await uploadsAgainstPeers()}

## A release to Hex

A ready tarball and a ready folder of docs, the second version of a package (15 rounds). hex-publish goes to Hex's own
names through the sandbox's proxy, with TLS. hex_core 0.7.1, from Debian's rebar3, is driven by an escript that makes the
same requests one after the other, once the same way and once over plain http on loopback; it unpacks both tarballs, but
inspects nothing in them. rebar3 and mix only start.

${await hexAgainstPeers()}

## 3,000 migrations

The linter of migration-guard over a generated history of Prisma, each file a change of its own (5 rounds).
\`node bench/migration-guard.ts FOLDER\` does the same for any folder.

${await lintAgainstSquawk()}

## A deploy

The real Prisma 7.10.1 with the tests' schema engine (WebAssembly), PostgreSQL 18.4 on loopback (7 rounds).

${await deployAgainstPrisma()}

## A smoke test of 400 tables

The smoke test of db-deploy, over a connection that is open, against what one would write by hand with pg: a SELECT for each
table, one after the other. The smoke test counts the rows too.

${await smokeAgainstSelects()}

## Archive

What a runner downloads, once a job.

${archiveSize()}
`
writeFileSync(join(import.meta.dirname, 'RESULTS.md'), results)
console.log(results)
