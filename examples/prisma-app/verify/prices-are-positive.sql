SELECT id, sku, price
FROM product
WHERE price <= 0;
