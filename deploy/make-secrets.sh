#!/usr/bin/env bash
# Makes the secrets that docker-compose.yml mounts, once; running it again changes nothing.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
if [ ! -e secrets/postgres_password ]; then
    head -c 24 /dev/urandom | base64 | tr -d '/+=\n' >secrets/postgres_password
    printf 'postgres://tribunal:%s@postgres/tribunal' "$(cat secrets/postgres_password)" >secrets/database_url
    # Mounted as they are, and read there by users without privileges; the folder keeps others of this host out.
    chmod 0444 secrets/*
fi
