-- Rows are what is wrong.
SELECT invoices.id
FROM invoices
LEFT JOIN tenants ON tenants.id = invoices.tenant_id
WHERE tenants.id IS NULL;
