import { Transform } from 'node:stream'

/**
 * Lets exactly `length` bytes through, and fails at the first byte too many or when the end comes too soon. Sent on, a
 * body that is shorter than its Content-Length would leave the server waiting until somebody's time is up.
 */
export function exactLength(length: number): Transform {
  let passed = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length
      if (passed > length) done(new Error(`it is longer than the ${length} bytes it had before`))
      else done(null, chunk)
    },
    flush(done) {
      done(passed < length ? new Error(`it ended after ${passed} of ${length} bytes`) : null)
    }
  })
}
