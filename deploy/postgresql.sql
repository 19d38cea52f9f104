-- Run once by the image of PostgreSQL, on an empty volume: the bot owns its database and is no superuser.
-- The superuser keeps no password, so it is reached within the container only: psql --username=postgres
\getenv password POSTGRES_PASSWORD
CREATE ROLE bot LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE bot OWNER bot;
REVOKE CONNECT, TEMPORARY ON DATABASE bot FROM PUBLIC;
ALTER ROLE postgres PASSWORD NULL;
