import eslint from '@eslint/js'
import tseslint from 'typescript-eslint'

const actionNames = ['changelog-release', 'db-deploy', 'hex-publish', 'migration-guard', 'pypi-publish']

const outside = {
  group: ['**/sandbox/**', '**/rehearse/**', '**/tests/**', '**/scripts/**', '**/bench/**'],
  message: 'the product knows nothing of the sandbox, the rehearsal, the tests and the chores'
}

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'coverage/', '.tools/', 'examples/', 'node_modules/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error'
    }
  },
  {
    // What no-restricted-imports does not see.
    files: ['actions/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportExpression',
          message: 'no import() in the product: ncc would split the bundle and lose licences'
        }
      ]
    }
  },
  {
    // The house rule: shared never imports an action, and no action imports another.
    files: ['actions/shared/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...actionNames.map((name) => ({ group: [`**/${name}/**`], message: 'shared imports no action' })),
            outside
          ]
        }
      ]
    }
  },
  ...actionNames.map((name) => ({
    files: [`actions/${name}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...actionNames
              .filter((other) => other !== name)
              .map((other) => ({
                group: [`**/${other}/**`],
                message: 'an action imports from shared, never from another action'
              })),
            outside
          ]
        }
      ]
    }
  })),
  {
    // jest's `expect(...)` chains on promises and partial fakes read better without these.
    files: ['tests/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/unbound-method': 'off' }
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        module: 'readonly',
        require: 'readonly'
      }
    }
  }
)
