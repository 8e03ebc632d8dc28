#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The ntb-edma authors
#
# usage: debian-mirror.sh
#
# Prints where this machine gets Debian's main archive from, by its own apt configuration.

set -euo pipefail

# shellcheck disable=SC2016 # apt expands these
found=$(apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(CODENAME) $(SITE)' \
	'Created-By: Packages')
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(sed -n "s/^Debian main $release //p" <<< "$found" | sort -u | head -n 1)
if [ -z "$mirror" ]; then
	echo "debian-mirror: no package list of Debian $release, component main: expected one" \
		"after 'apt-get update'" >&2
	exit 1
fi
echo "$mirror"
