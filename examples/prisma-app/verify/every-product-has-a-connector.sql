-- Rows are what is wrong: a product that nobody delivers.
SELECT product.id, product.sku
FROM product
LEFT JOIN connector ON connector.id = product.connector_id
WHERE connector.id IS NULL;
