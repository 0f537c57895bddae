#!/bin/sh
# Make .venv from requirements.lock and fetch the jars; quick when nothing has changed. What this machine lacks is told
# in one line with its mend, before anything is downloaded. PYTHON names another Python, JAVA_HOME another Java.
set -eu
cd "$(dirname "$0")/.."

stop() {
    printf 'tallystick: %s\n  fix: %s\n' "$1" "$2" >&2
    exit 2
}

find_python() {
    for python in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return
        fi
    done
    stop 'there is no Python 3.11 or later on this machine' 'apt-get install python3.11 python3.11-venv, or make PYTHON=/path/to/python'
}

java_version() {
    "$1" -version 2>&1 | sed -n 's/.*version "\(1\.\)\{0,1\}\([0-9][0-9]*\).*/\2/p' | head -n 1
}

check_java() {
    found=0
    for java in "${JAVA_HOME:-/nowhere}/bin/java" "$(command -v java || true)" "${JVM_FOLDER:-/usr/lib/jvm}"/*/bin/java; do
        [ -x "$java" ] || continue
        version=$(java_version "$java")
        [ "${version:-0}" -ge 17 ] && [ "$version" -le 22 ] && return
        [ "$found" -eq 0 ] && found=${version:-0}
    done
    how='apt-get install openjdk-17-jre-headless, or set JAVA_HOME to a Java 17 to 22'
    [ "$found" -eq 0 ] && stop 'there is no Java on this machine; Spark and Kafka need one' "$how"
    [ "$found" -gt 22 ] && stop "Java $found is too new; Spark runs on Java 17 to 22" "$how"
    stop "Java $found is too old; Java 17 or later is needed" "$how"
}

check_disk() { # folder, megabytes, what for
    free=$(($(df -Pk "$1" | awk 'NR == 2 { print $4 }') / 1024))
    [ "$free" -ge "$2" ] || stop "$1 has $free MB left and $3 needs $2 MB" "free some space there$4"
}

make_venv() {
    find_python
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "the venv module of $python is missing" "apt-get install python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    check_disk . 3000 'the virtual environment' ''
    check_disk "${TMPDIR:-/tmp}" 2000 'the installation' ', or set TMPDIR to a larger disk'
    echo "making .venv with $("$python" --version)" >&2
    "$python" -m venv --clear .venv
}

# The installation ends with a stamp: the checksum of what it was made from. An interrupted one has none and is repeated.
install_from_lock() {
    wanted=$(cat requirements.lock pyproject.toml | sha256sum)
    [ "$(cat .venv/.installed 2>/dev/null)" = "$wanted" ] && return
    [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null || make_venv
    echo 'installing from requirements.lock (about 700 MB the first time)' >&2
    .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock ||
        stop 'pip could not install what requirements.lock names' 'check the network, or name a mirror in PIP_INDEX_URL; then run this again'
    .venv/bin/python -m pip install --disable-pip-version-check --quiet --no-build-isolation --no-deps -e . ||
        stop 'pip could not install tallystick itself' 'read the lines above'
    echo "$wanted" >.venv/.installed
}

check_java
install_from_lock
.venv/bin/tallystick dev jars fetch spark kafka >/dev/null
