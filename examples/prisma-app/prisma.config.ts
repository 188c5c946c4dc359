import { defineConfig, env } from 'prisma/config'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: {
    path: 'prisma/migrations',
    seed: 'node prisma/seed.ts'
  },
  datasource: {
    // Migrations go past the pooler; the application itself connects with DATABASE_URL.
    url: env('DIRECT_DATABASE_URL'),
    // Of the jobs that compare schemas; env() would ask for it everywhere.
    shadowDatabaseUrl: process.env['SHADOW_DATABASE_URL']
  }
})
