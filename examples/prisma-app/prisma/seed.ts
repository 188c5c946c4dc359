// What the shop cannot do without. It may run as often as one likes: rows that are there stay as they are.
import pg from 'pg'

const connectors = [
  { key: 'bakery', title: 'Bakery', products: ['Rye bread', 'Wheat rolls', 'Nut cake'] },
  { key: 'dairy', title: 'Dairy', products: ['Goat cheese', 'Butter'] },
  { key: 'garden', title: 'Garden', products: ['Tomatoes', 'Beans', 'Parsley', 'Chard'] },
  { key: 'mill', title: 'Mill', products: ['Spelt flour', 'Oat flakes'] }
]

const client = new pg.Client({ connectionString: process.env['DIRECT_DATABASE_URL'] })
await client.connect()
try {
  await client.query('BEGIN')
  for (const { key, title, products } of connectors) {
    await client.query('INSERT INTO connector (key, title) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING', [key, title])
    for (const [index, product] of products.entries()) {
      await client.query(
        `INSERT INTO product (connector_id, sku, title, price)
         SELECT id, $2, $3, $4 FROM connector WHERE key = $1 ON CONFLICT (sku) DO NOTHING`,
        [key, `${key}-${index + 1}`, product, 100 + index * 50]
      )
    }
  }
  await client.query('COMMIT')
} finally {
  await client.end()
}
