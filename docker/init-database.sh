#!/bin/sh
# Run once by the image of PostgreSQL, on an empty volume: the script of docs/production.md, with passwords from outside.
set -eu
# Each password is given as such or in a file.
[ -z "${OWNER_PASSWORD_FILE:-}" ] || OWNER_PASSWORD=$(cat "$OWNER_PASSWORD_FILE")
[ -z "${SERVICE_PASSWORD_FILE:-}" ] || SERVICE_PASSWORD=$(cat "$SERVICE_PASSWORD_FILE")
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
  --set=owner_password="$OWNER_PASSWORD" --set=service_password="$SERVICE_PASSWORD" <<'SQL'
CREATE ROLE redress_owner LOGIN PASSWORD :'owner_password'
  NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;
CREATE ROLE redress_service LOGIN PASSWORD :'service_password'
  NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;

GRANT redress_owner TO CURRENT_USER;
CREATE DATABASE redress OWNER redress_owner;
REVOKE ALL ON DATABASE redress FROM PUBLIC;
GRANT CONNECT ON DATABASE redress TO redress_service;

\connect redress

GRANT USAGE, CREATE ON SCHEMA public TO redress_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO redress_service;
REVOKE redress_owner FROM CURRENT_USER;
SQL
