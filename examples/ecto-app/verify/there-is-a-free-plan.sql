SELECT 'no plan is free' AS problem
WHERE NOT EXISTS (SELECT FROM plans WHERE price = 0);
