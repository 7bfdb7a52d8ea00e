#!/bin/sh
# Makes spdx.txt anew from the newest packages of SPDX's identifiers: https://spdx.org/licenses/. Run it here, then look at the difference.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" spdx-license-ids spdx-exceptions
node - "$work/node_modules" > spdx.txt <<'JS'
const read = (name, file) => require(`${process.argv[2]}/${name}/${file}`);
const all = name => [...new Set([...read(name, 'index.json'), ...read(name, 'deprecated.json')])].sort();
const versionOf = name => `${name} ${read(name, 'package.json').version}`;
console.log(`# SPDX's identifiers of licences, deprecated ones too, and of exceptions. Made by update.sh from ${versionOf('spdx-license-ids')} (CC0-1.0)`);
console.log(`# and ${versionOf('spdx-exceptions')} (CC-BY-3.0). SPDX is a trademark of the Linux Foundation: https://spdx.org/licenses/`);
all('spdx-license-ids').forEach(id => console.log(`license ${id}`));
all('spdx-exceptions').forEach(id => console.log(`exception ${id}`));
JS
