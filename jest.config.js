// Two projects: `fast` needs nothing but Node and git; `conformance` needs programs that others wrote
// (scripts/conformance.ts says which, and installs them).
const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } }] },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/build/', '<rootDir>/.tools/', '<rootDir>/examples/']
}

export default {
  projects: [
    { ...common, displayName: 'fast', testMatch: ['<rootDir>/tests/**/*.test.ts'], testPathIgnorePatterns: ['<rootDir>/tests/conformance/'] },
    { ...common, displayName: 'conformance', testMatch: ['<rootDir>/tests/conformance/**/*.test.ts'] }
  ],
  testTimeout: 30_000
}
