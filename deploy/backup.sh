#!/bin/sh
# A dated backup of everything that Newsbell remembers, proven by restoring it; safe while Newsbell runs.
#
#   backup.sh FOLDER [KEEP]      keeps the newest KEEP backups (14 when not said)
#
# `newsbell` is looked for on PATH; it finds its configuration as always ($NEWSBELL_CONFIG, /etc/newsbell/...).
# To go back:  systemctl stop newsbell; newsbell restore FOLDER/newsbell-....db; systemctl start newsbell
set -eu

folder=${1:?"usage: backup.sh FOLDER [KEEP]"}
keep=${2:-14}
case $keep in
    '' | *[!0-9]* | 0) echo "backup.sh: KEEP is a number above 0, not '$keep'" >&2 && exit 2 ;;
esac

umask 077
mkdir -p "$folder"
target=$folder/newsbell-$(date -u +%Y%m%dT%H%M%SZ).db
trial=$(mktemp -d)
trap 'rm -rf "$trial"' EXIT

newsbell --quiet backup "$target"
# A backup that was never restored is only a hope.
if ! newsbell --quiet --state-dir "$trial" restore "$target"; then
    mv "$target" "$target.damaged"
    echo "backup.sh: $target could not be restored; it was renamed to $target.damaged" >&2
    exit 1
fi

# The names sort by time; the oldest ones beyond KEEP go.
count=$(find "$folder" -maxdepth 1 -name 'newsbell-*Z.db' | wc -l)
if [ "$count" -gt "$keep" ]; then
    find "$folder" -maxdepth 1 -name 'newsbell-*Z.db' | sort | head -n "$((count - keep))" | while IFS= read -r old; do
        rm -- "$old"
    done
fi
