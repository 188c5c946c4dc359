// Does the application come through to its database, with its own role and past nothing but the pooler?
import pg from 'pg'

const client = new pg.Client({ connectionString: process.env['DATABASE_URL'], connectionTimeoutMillis: 5000 })
await client.connect()
try {
  const { rows } = await client.query<{ products: number }>(
    'SELECT count(*)::int AS products FROM product WHERE retired_at IS NULL'
  )
  console.log(`${rows[0]?.products ?? 0} products for sale`)
} finally {
  await client.end()
}
