#!/bin/sh
# Installs the browser of the specs of the pages. Debian; needs root.
set -eu

[ -x /usr/bin/chromium ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
/usr/bin/chromium --version
