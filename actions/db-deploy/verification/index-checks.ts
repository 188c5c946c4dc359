import type { Check } from '../check.ts'
import type { Session } from '../database/session.ts'

/** Indexes that a CONCURRENTLY left behind unfinished: they cost writes and serve no query. */
export declare function invalidIndexChecks(session: Session): Promise<readonly Check[]>

/** IVFFlat and HNSW indexes of pgvector: there, valid, and made for as many rows as there are. */
export declare function vectorIndexChecks(session: Session): Promise<readonly Check[]>
