# What the scripts share; sourced, not run. Leaves the working directory at the repository's root.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
venv=$root/target/venv
python=$venv/bin/python

# Continuous integration builds once: what a second build or a debugger would use costs it 20 GB.
if [[ ${CI:-} == true ]]; then
    export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=none
fi

say() { printf '\n== %s\n' "$*"; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

need() {
    command -v "$1" >/dev/null || fail "$1 is needed: $2"
}

# Installs Debian packages where this user may; says so and goes on where not.
debian() {
    local missing=() package
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 1
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    [[ $(id -u) == 0 ]] || return 1
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -q && apt-get install -qy --no-install-recommends "${missing[@]}"; } >&2
}

# Makes the virtual environment in target/venv.
make_venv() {
    need cargo "install Rust from https://rustup.rs"
    need cc "install a C compiler (Debian: apt-get install gcc)"
    need python3 "install Python 3.10 or later"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "Python 3.10 or later is needed, $(python3 --version) was found"
    [[ -x $python ]] && "$python" -m pip --version >/dev/null 2>&1 && return
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        debian python3-venv || fail "Python's venv module is needed (Debian: python3-venv)"
    fi
    rm -rf "$venv"
    python3 -m venv "$venv"
}

# Installs the pinned packages that tests and benches need, once for each version of the list.
install_requirements() {
    local list=gv-py/tests/requirements.txt
    cmp -s "$list" "$venv/requirements.txt" && return
    say "installing $list"
    "$python" -m pip install --quiet --disable-pip-version-check -r "$list"
    cp "$list" "$venv/requirements.txt"
}

# Installs the named packages alone, in the versions of that list.
install_only() {
    local pinned names
    names=$(IFS='|' && echo "$*")
    mapfile -t pinned < <(grep -E "^($names)==" gv-py/tests/requirements.txt)
    "$python" -m pip install --quiet --disable-pip-version-check "${pinned[@]}"
}

# Tells the version of the workspace.
workspace_version() {
    sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml
}

# Builds the wheel with a profile into a folder.
build_wheel() {
    say "building the wheel"
    "$venv/bin/maturin" build --profile "$1" --quiet --manifest-path gv-py/Cargo.toml \
        --interpreter "$python" --compression-level 9 --out "$2"
}

# Builds the wheel with the given profile (that of the tests by default) and installs it into the virtual environment.
install_wheel() {
    rm -rf target/wheels
    build_wheel "${1:-dev}" target/wheels
    "$python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps \
        target/wheels/*.whl
}
