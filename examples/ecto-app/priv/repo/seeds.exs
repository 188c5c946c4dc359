# What the application cannot do without. It may run as often as one likes: rows that are there stay as they are.
Invoices.Repo.query!("""
INSERT INTO plans (key, title, price, inserted_at, updated_at)
VALUES
  ('free', 'Free', 0, now(), now()),
  ('team', 'Team', 1900, now(), now()),
  ('company', 'Company', 9900, now(), now())
ON CONFLICT (key) DO NOTHING
""")
