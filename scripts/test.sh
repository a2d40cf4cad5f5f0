#!/bin/sh
# `npm test`: installs what is missing, checks the tree, then runs every test with Node's own runner.
set -eu
cd "$(dirname "$0")/.."
[ -d node_modules/typescript ] || npm ci
scripts/install-packages.sh
npm run --silent check
exec node_modules/.bin/node --test --test-timeout=600000 'src/**/*.test.ts' 'test/**/*.test.ts'
