import type { Rule } from './rule.ts'

const levels = { default: 'warning', calm: 'notice', strict: 'error' } as const

/** Who may do what, and what runs with more rights than its caller has. */
export const privilegeRules: readonly Rule[] = [
  {
    id: 'privileges',
    family: 'privilege',
    title: 'GRANT or REVOKE',
    levels: { default: 'warning', calm: 'off', strict: 'warning' },
    of: ['grant', 'revoke'],
    each(operation) {
      if (operation.kind !== 'grant' && operation.kind !== 'revoke') return undefined
      return {
        subject: operation.on,
        message: `the migration ${operation.kind === 'grant' ? 'gives' : 'takes'} privileges, which a reviewer should know of`,
        hint: 'Have somebody review it who answers for access to the database; then silence this finding with the reason.'
      }
    }
  },
  {
    id: 'superuser-role',
    family: 'privilege',
    title: 'A role that may do everything',
    levels,
    of: ['role'],
    each(operation) {
      if (operation.kind !== 'role' || !operation.superuser) return undefined
      return {
        subject: 'SUPERUSER',
        message: 'a superuser passes every check of privileges, and the migration itself must run as one',
        hint: 'Give the role the privileges that it needs.'
      }
    }
  },
  {
    id: 'security-definer',
    family: 'privilege',
    title: 'A function with its owner’s rights and its caller’s search_path',
    levels,
    of: ['create-function'],
    each(operation) {
      if (operation.kind !== 'create-function' || !operation.securityDefiner || operation.searchPath) return undefined
      return {
        subject: operation.name,
        message: 'whoever calls it decides by search_path which tables and functions its owner’s rights are used on',
        hint: 'Add SET search_path = pg_catalog, pg_temp to the function, and write schemas in its body.'
      }
    }
  },
  {
    id: 'create-extension',
    family: 'privilege',
    title: 'An extension is created or dropped',
    levels: { default: 'warning', calm: 'off', strict: 'warning' },
    of: ['create-extension', 'drop-extension'],
    each(operation, { statement }) {
      if (operation.kind !== 'create-extension' && operation.kind !== 'drop-extension') return undefined
      if (statement.operations[0] !== operation) return undefined
      return {
        subject: operation.extension,
        message:
          operation.kind === 'create-extension'
            ? 'the role that runs the migration must be allowed to, and the server must have the extension'
            : 'what depends on the extension goes with it, or keeps it from going',
        hint: 'Make sure of it on every database that the migration runs on; then silence this finding with the reason.'
      }
    }
  },
  {
    id: 'copy-program',
    family: 'privilege',
    title: 'COPY that starts a program on the server',
    levels: { default: 'warning', calm: 'warning', strict: 'error' },
    of: ['copy'],
    each(operation) {
      if (operation.kind !== 'copy' || !operation.program) return undefined
      return {
        subject: 'COPY … PROGRAM',
        message: 'a program runs on the database’s machine with the rights of the server',
        hint: 'Load the rows from the client’s side, with COPY … FROM STDIN.'
      }
    }
  }
]
