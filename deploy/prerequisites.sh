# What ./demo and ./test need on Debian; installs only what is missing. Sourced by both, not run.
# Everything comes from apt, Maven Central, PyPI or crates.io by their own clients.

readonly KAFKA_VERSION=4.2.0
TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# need_rust: the toolchain itself is the reader's to install; its version is pinned in rust-toolchain.toml.
need_rust() {
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    if ! command -v cargo >/dev/null; then
        echo "cargo is missing: install Rust with rustup, then run this again" >&2
        return 1
    fi
}

# has CHECK: an absolute path or glob that must exist, a pkg-config module as `lib:NAME`, or a command.
has() {
    case $1 in
    lib:*) pkg-config --exists "${1#lib:}" 2>/dev/null ;;
    /*) compgen -G "$1" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# need_packages CHECK=PACKAGE…: apt-get once for all whose check fails.
need_packages() {
    local missing=() pair
    for pair in "$@"; do
        has "${pair%%=*}" || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -eq 0 ] && return
    echo "installing ${missing[*]}" >&2
    # Slim images have no folder for manual pages, and without it the JDK fails to install.
    as_root mkdir -p /usr/share/man/man1
    as_root apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}" >&2
}

# What it takes to build the workspace and to judge in C, C++, Python 3 and Java. The sandbox sees /usr only, so the
# compilers must be Debian's, wherever else others may be installed.
need_toolchains() {
    need_packages /usr/bin/gcc=gcc /usr/bin/g++=g++ make=make pkg-config=pkg-config \
        /usr/include/zlib.h=zlib1g-dev /usr/bin/python3=python3 /usr/bin/javac=openjdk-17-jdk-headless
    # Only now can pkg-config be asked.
    need_packages lib:openssl=libssl-dev
}

# The languages that the tests try besides; others are tried where they are installed.
need_test_languages() {
    need_packages /usr/bin/go=golang-go /usr/bin/node=nodejs /usr/bin/rustc=rustc \
        /usr/bin/lua5.4=lua5.4 /usr/bin/perl=perl /usr/bin/ruby=ruby
}

# What the tests need besides: servers, a checker for the compose file, and a container runtime.
need_test_servers() {
    need_packages mvn=maven openssl=openssl '/usr/lib/postgresql/*/bin/initdb=postgresql' setpriv=util-linux \
        "/usr/lib/python3*/ensurepip/__init__.py=python3-venv" \
        runc=runc "/usr/lib/python3/dist-packages/yaml=python3-yaml"
    fetch_kafka
    fetch_compose_checker
}

# Apache Kafka as jars. The folder gets its name last, so that one that exists is whole.
fetch_kafka() {
    local home=$TARGET_DIR/kafka/$KAFKA_VERSION
    [ -d "$home" ] && return
    echo "fetching Apache Kafka $KAFKA_VERSION" >&2
    rm -rf "$home.part"
    mvn -q -B -f e2e/kafka/pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$home.part" >&2
    mv "$home.part" "$home"
}

# The JSON schema of the compose specification, with a validator around it.
fetch_compose_checker() {
    local home=$TARGET_DIR/compose-checker
    [ -x "$home/bin/check-jsonschema" ] && return
    rm -rf "$home"
    /usr/bin/python3 -m venv "$home"
    "$home/bin/pip" -q --disable-pip-version-check install check-jsonschema==0.39.0 >&2
}
