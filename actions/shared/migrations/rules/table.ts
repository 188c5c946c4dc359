import { columnRules } from './column-rules.ts'
import { constraintRules } from './constraint-rules.ts'
import { destructiveRules } from './destructive-rules.ts'
import { foreignKeyRules } from './foreign-key-rules.ts'
import { indexRules } from './index-rules.ts'
import { nameRules } from './name-rules.ts'
import { privilegeRules } from './privilege-rules.ts'
import { readingRules } from './reading-rules.ts'
import { renameRules } from './rename-rules.ts'
import { rowRules } from './row-rules.ts'
import type { Rule } from './rule.ts'
import { settingRules } from './setting-rules.ts'
import { styleRules } from './style-rules.ts'
import { tableRules } from './table-rules.ts'
import { transactionRules } from './transaction-rules.ts'

/** Every rule, in the order of docs/migration-rules.md. */
export const rules: readonly Rule[] = [
  ...destructiveRules,
  ...indexRules,
  ...foreignKeyRules,
  ...constraintRules,
  ...columnRules,
  ...renameRules,
  ...tableRules,
  ...transactionRules,
  ...rowRules,
  ...settingRules,
  ...privilegeRules,
  ...nameRules,
  ...styleRules,
  ...readingRules
]
