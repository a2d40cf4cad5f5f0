#!/bin/sh
# `npm run up`: installs what is missing, builds, and brings up a cluster that runs an example. Containers are not
# implemented yet: its nodes are simulated. Ends with Ctrl-C.
set -eu
cd "$(dirname "$0")/.."
[ -d node_modules/esbuild ] || npm ci
npm run --silent build
exec bin/kubets up --runtime simulated --nodes 3 --secure-port 0 --example examples/hello/hello.yaml "$@"
