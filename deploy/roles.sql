-- Roles, schemas and rights of Ruta, in all three ways to run it: psql --file roles.sql, as an administrator, on the
-- database of Ruta. Safe to repeat; passwords are set to those of the environment each time.
-- Every owner has one schema and can read no other; `bus` is the one that the services share, row by row.
\set ON_ERROR_STOP on
\getenv intake_password INTAKE_DATABASE_PASSWORD
\getenv referral_password REFERRAL_DATABASE_PASSWORD
\getenv notifications_password NOTIFICATIONS_DATABASE_PASSWORD
\getenv identity_password IDENTITY_DATABASE_PASSWORD
\getenv bus_password BUS_DATABASE_PASSWORD

BEGIN;
SET LOCAL client_min_messages = warning;

SELECT format('CREATE ROLE ruta_%s LOGIN', owner)
FROM unnest(ARRAY['intake', 'referral', 'notifications', 'identity', 'bus']) AS owner
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ruta_' || owner)
\gexec

ALTER ROLE ruta_intake PASSWORD :'intake_password';
ALTER ROLE ruta_referral PASSWORD :'referral_password';
ALTER ROLE ruta_notifications PASSWORD :'notifications_password';
ALTER ROLE ruta_identity PASSWORD :'identity_password';
ALTER ROLE ruta_bus PASSWORD :'bus_password';

-- An administrator that is no superuser (a managed server's) may act as the owners.
SELECT format('GRANT ruta_%s TO CURRENT_USER', owner)
FROM unnest(ARRAY['intake', 'referral', 'notifications', 'identity', 'bus']) AS owner
WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER)
\gexec

SELECT format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION ruta_%s', owner, owner)
FROM unnest(ARRAY['intake', 'referral', 'notifications', 'identity', 'bus']) AS owner
\gexec
SELECT format('ALTER ROLE ruta_%s SET search_path = %I', owner, owner)
FROM unnest(ARRAY['intake', 'referral', 'notifications', 'identity', 'bus']) AS owner
\gexec

-- The services read and write rows of the bus; they do not change its tables.
GRANT USAGE ON SCHEMA bus TO ruta_intake, ruta_referral, ruta_notifications;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bus TO ruta_intake, ruta_referral, ruta_notifications;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA bus TO ruta_intake, ruta_referral, ruta_notifications;
ALTER DEFAULT PRIVILEGES FOR ROLE ruta_bus IN SCHEMA bus
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ruta_intake, ruta_referral, ruta_notifications;
ALTER DEFAULT PRIVILEGES FOR ROLE ruta_bus IN SCHEMA bus
    GRANT USAGE, SELECT ON SEQUENCES TO ruta_intake, ruta_referral, ruta_notifications;
COMMIT;
