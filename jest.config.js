// The tests that need nothing but Node and git. Those that need programs others wrote: jest.conformance.config.js.
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/tests/conformance/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024', experimental: { keepImportAttributes: true } },
        module: { type: 'es6' }
      }
    ]
  },
  modulePathIgnorePatterns: ['<rootDir>/(dist|build|examples|\\.tools)/'],
  // Most of a test's time is spent waiting for processes and servers.
  maxWorkers: '100%',
  testTimeout: 30_000
}
