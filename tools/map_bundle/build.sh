#!/usr/bin/env bash
# Builds assets/vendor/deck-map.<sha8>.js. Maintainers only: needs node >= 20 and a package registry that npm knows.
#   ./build.sh           build twice in two folders, compare, replace the files of assets/vendor
#   ./build.sh --check   build and compare with SHA256SUMS of assets/vendor; changes nothing
#   ./build.sh --pin     write versions.json anew from package.json (after changing a version), then build
# versions.json is npm's lock without addresses: exact versions and integrity hashes, which npm ci enforces.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
vendor=$(cd "$here/../.." && pwd)/assets/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ "${1:-}" = "--pin" ]; then
  mkdir "$work/pin" && cp "$here/package.json" "$work/pin/"
  (cd "$work/pin" && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund >/dev/null)
  cp "$work/pin/package-lock.json" "$here/versions.json"
fi
if grep -q '"resolved"' "$here/versions.json"; then echo "versions.json must not hold addresses" >&2; exit 1; fi

install_and_build() { # folder
  mkdir -p "$1" && cp "$here/package.json" "$here/build.mjs" "$1/" && cp "$here/versions.json" "$1/package-lock.json" && cp -r "$here/src" "$1/src"
  (cd "$1" && npm ci --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund >/dev/null && node build.mjs src out)
}

install_and_build "$work/one"
install_and_build "$work/two/deeper"
diff -r "$work/one/out" "$work/two/deeper/out" && echo "two builds, byte for byte the same"

if [ "${1:-}" = "--check" ]; then
  diff "$work/one/out/SHA256SUMS" "$vendor/SHA256SUMS" && (cd "$vendor" && sha256sum --check --quiet SHA256SUMS) && echo "assets/vendor is this build"
else
  mkdir -p "$vendor" && rm -f "$vendor"/deck-map.*.js && cp "$work/one/out/"* "$vendor/"
fi
