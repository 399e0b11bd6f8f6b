#!/bin/bash
# The settings of the published image. The first start makes the databases in PGDATA and runs what lies in /docker-entrypoint-initdb.d;
# until that is done nobody can connect over the network. A later start only serves.
set -eo pipefail
shopt -s nullglob

refuse() { echo "postgres: $*" >&2; exit 1; }

[[ ${1-} != -* ]] || set -- postgres "$@"
[ "${1-}" = postgres ] || exec "$@"
for argument; do
  case $argument in -\? | --help | --describe-config | -V | --version) exec "$@" ;; esac
done

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /run/postgresql
  chmod 700 "$PGDATA"
  chown postgres:postgres /run/postgresql
  chmod 3777 /run/postgresql
  find "$PGDATA" ! -user postgres -exec chown postgres:postgres {} +
  export HOME=/var/lib/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all -- "${BASH_SOURCE[0]}" "$@"
fi

# Each setting may instead stand in a file, as secrets are mounted.
read_setting() {
  local file=${1}_FILE
  [ -n "${!file-}" ] || return 0
  [ -z "${!1-}" ] || refuse "$1 and $file: expected one of them, got both"
  printf -v "$1" %s "$(<"${!file}")"
  unset "$file"
}

make_cluster() {
  local method initdb_arguments file
  if [[ -z ${POSTGRES_PASSWORD-} && ${POSTGRES_HOST_AUTH_METHOD-} != trust ]]; then
    refuse 'POSTGRES_PASSWORD: expected a password for the first start, got none; set it, or let everybody in by POSTGRES_HOST_AUTH_METHOD=trust'
  fi
  export POSTGRES_USER=${POSTGRES_USER:-postgres} PGPASSWORD=${PGPASSWORD-${POSTGRES_PASSWORD-}}
  export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
  read -ra initdb_arguments <<<"${POSTGRES_INITDB_ARGS-}"
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD-}") "${initdb_arguments[@]}"
  method=${POSTGRES_HOST_AUTH_METHOD:-$("$@" -C password_encryption)}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  printf "\nlisten_addresses = '*'\n" >>"$PGDATA/postgresql.conf"

  # The last -c wins: this server listens on its socket alone.
  pg_ctl --wait --silent start -o "$(printf '%q ' "${@:2}" -c listen_addresses=)"
  if [ "$POSTGRES_DB" != postgres ]; then
    sql --dbname=postgres --set=name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
  fi
  for file in /docker-entrypoint-initdb.d/*; do run_file "$file"; done
  pg_ctl --wait --silent --mode=fast stop
  unset PGPASSWORD
}

sql() { psql --set=ON_ERROR_STOP=1 --no-password --no-psqlrc --quiet --username="$POSTGRES_USER" "$@"; }

run_file() {
  echo "postgres: $1"
  case $1 in
    # A script that may not be executed is read, and so can set variables for the next.
    *.sh) if [ -x "$1" ]; then "$1"; else . "$1"; fi ;;
    *.sql) sql --dbname="$POSTGRES_DB" --file="$1" ;;
    *.sql.gz) gunzip --stdout "$1" | sql --dbname="$POSTGRES_DB" ;;
    *) echo "postgres: $1: ignored; expected .sh, .sql or .sql.gz" ;;
  esac
}

for name in POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB POSTGRES_INITDB_ARGS; do read_setting "$name"; done
[ -s "$PGDATA/PG_VERSION" ] || make_cluster "$@"
exec "$@"
