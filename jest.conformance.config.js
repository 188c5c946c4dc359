import fast from './jest.config.js'

// Programs that others wrote, as clients of the sandbox and as servers for the actions: slower, and run by
// scripts/conformance.ts, which says what they need and installs it.
export default {
  ...fast,
  testMatch: ['<rootDir>/tests/conformance/**/*.test.ts'],
  testPathIgnorePatterns: [],
  testTimeout: 300_000
}
