#!/bin/sh
# Installs headless Chromium and fonts for the five scripts, where it may (Debian or Ubuntu, as root). Else says what is missing.
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "installing chromium and fonts for the tests of pages"
    apt-get update -qq && apt-get install -y -qq chromium fonts-noto-core fonts-noto-cjk >/dev/null && exit 0
fi
echo "no Chromium: the tests of pages will fail; install it with: apt-get install chromium fonts-noto-core fonts-noto-cjk"
