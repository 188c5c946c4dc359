// Writes docs/migration-guard.schema.json from the shape by which the guard reads its configuration and from its rules,
// so that editors and the guard never disagree. A test says when it is stale.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { configurationSchema } from '../actions/migration-guard/configuration-shape.ts'
import { policyRules } from '../actions/migration-guard/policy/rules.ts'
import { lintRules } from '../actions/shared/migrations/lint.ts'

const file = join(dirname(import.meta.dirname), 'docs', 'migration-guard.schema.json')
const options = await resolveConfig(file)
const schema = configurationSchema([...policyRules, ...lintRules])
writeFileSync(file, await format(JSON.stringify(schema), { ...options, filepath: file }))
