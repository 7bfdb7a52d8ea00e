#!/bin/sh
# Installs the proxies whose configurations docs/behind-a-proxy.md prints; the specs run them themselves. Debian; needs root.
set -eu

missing=
for package in nginx-light:nginx apache2:apache2 caddy:caddy; do
  [ -x "/usr/sbin/${package#*:}" ] || [ -x "/usr/bin/${package#*:}" ] || missing="$missing ${package%:*}"
done
# None of them shall start with the machine, nor take its ports now.
[ -z "$missing" ] || RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
/usr/sbin/nginx -v
/usr/sbin/apache2 -v | head -1
/usr/bin/caddy version
