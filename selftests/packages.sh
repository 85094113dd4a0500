#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# packages.sh [FILE...] - install the missing ones of the Debian packages that
# the files name (default: selftests/packages), one per line
#
# Quiet and quick if nothing is missing; needs root only if something is.
set -eu
here=$(dirname "$(readlink -f "$0")")
[ $# -gt 0 ] || set -- "$here/packages"
missing=
# shellcheck disable=SC2013 # one word per line
for package in $(grep -hv '^#' "$@"); do
	case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

echo "# missing packages:$missing" >&2
if [ "$(id -u)" != 0 ]; then
	echo "packages.sh: not root. Run: apt-get install$missing" >&2
	exit 1
fi

# A web server is wanted, but not one that starts on this machine now.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap 'rm -f $policy' EXIT
	printf '#!/bin/sh\nexit 101\n' > $policy
	chmod +x $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update >&2
# shellcheck disable=SC2086 # a list
apt-get -q install -y --no-install-recommends $missing >&2
