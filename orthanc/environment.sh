# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by orthanc/start and tests/run; `root` is the folder of the checkout. Each function makes one
# thing that is needed and does nothing where it is there already, complete and up to date.

# Stops with one line that says why.
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# step TEXT COMMAND...: runs a command, showing what is being done, that it goes on, and how long it took.
# What the command prints is kept in .venv/log and its end is shown if it fails.
step() {
  local text=$1 log=$root/.venv/log begin=$SECONDS ticker= status=0
  shift
  mkdir -p "$root/.venv"
  printf '%s ...' "$text"
  if [[ -t 1 ]]; then
    (while sleep 3 && kill -0 $$; do printf .; done) 2>/dev/null &
    ticker=$!
  fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [[ -n $ticker ]]; then
    kill "$ticker"
    wait "$ticker" 2>/dev/null || true
  fi
  if ((status)); then
    printf ' failed\n'
    tail -n 12 "$log" >&2
    fail "$text: failed (all of its output is in $log)."
  fi
  printf ' done (%d s)\n' $((SECONDS - begin))
}

# Only one start in this checkout installs at a time.
begin_installing() {
  { mkdir -p "$root/.venv" && exec 8>"$root/.venv/lock"; } 2>/dev/null ||
    fail "Cannot write to $root: start as the user to whom the checkout belongs."
  flock -n 8 || { echo "Another start is installing; waiting for it."; flock 8; }
}

end_installing() {
  exec 8>&-
}

# debian_packages PACKAGE...
debian_packages() {
  local package missing=()
  for package; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || fail "This is for Debian; missing here: ${missing[*]}"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "Missing packages. As root: $root/orthanc/install-packages ${missing[*]}"
    sudo -v || fail "Missing packages. As root: $root/orthanc/install-packages ${missing[*]}"
    as_root=(sudo)
  fi
  step "Installing Debian packages (${missing[*]})" "${as_root[@]}" "$root/orthanc/install-packages" "${missing[@]}"
}

# python_environment NAME LOCK: the virtual environment .venv/NAME with what a lock names, from the system's
# Python, or from the one that the variable `interpreter` names.
# The file `complete` in it is written last and tells what it was made of.
python_environment() {
  local folder=$root/.venv/$1 lock=$2 build=$root/plugin/requirements-build.lock wanted
  wanted=$({
    "${interpreter:-/usr/bin/python3}" -c 'import sys; print(sys.version_info[:2])'
    echo "$folder"
    cat "$build" "$lock"
  } | sha256sum)
  if [[ -f $folder/complete && $(<"$folder/complete") == "$wanted" ]] && "$folder/bin/python" -c '' 2>/dev/null; then
    return
  fi
  rm -rf "$folder"
  step "Making the Python environment .venv/${folder##*/}" make_python_environment "$folder" "$build" "$lock"
  echo "$wanted" >"$folder/complete"
}

# What builds packages comes first, so that pip fetches nothing of which no lock has a hash.
make_python_environment() {
  local folder=$1 build=$2 lock=$3
  local pip=("$folder/bin/python" -m pip install --no-input --disable-pip-version-check --require-hashes)
  "${interpreter:-/usr/bin/python3}" -m venv "$folder" &&
    "${pip[@]}" -r "$build" &&
    "${pip[@]}" --no-build-isolation --use-pep517 -r "$lock"
}

# Puts a Node on PATH that can build the page: the machine's own where it fits, else one from PyPI.
node_on_path() {
  if ! fitting_node; then
    python_environment node "$root/orthanc/requirements-node.lock"
    PATH=$root/.venv/node/bin:$PATH
  fi
}

fitting_node() {
  local major minor npm
  IFS=. read -r major minor _ < <(node --version 2>/dev/null | tr -d v) || return 1
  IFS=. read -r npm _ < <(npm --version 2>/dev/null) || return 1
  ((npm >= 10)) && (((major == 20 && minor >= 19) || (major == 22 && minor >= 13) || major >= 24))
}

# node_modules as webapp/package-lock.json says; npm empties the folder first, and so removes `.complete`.
node_modules() {
  local folder=$root/webapp/node_modules wanted
  wanted=$(cat "$root/webapp/package.json" "$root/webapp/package-lock.json" | sha256sum)
  [[ -f $folder/.complete && $(<"$folder/.complete") == "$wanted" ]] && return
  node_on_path
  step "Fetching the packages that the web page is built with" npm --prefix "$root/webapp" ci --no-audit --no-fund
  echo "$wanted" >"$folder/.complete"
}

# The built page in webapp/dist; the build empties the folder first, and so removes `.complete`.
web_page() {
  local folder=$root/webapp/dist wanted
  wanted=$(cd "$root/webapp" && find . \( -name node_modules -o -name dist -o -name '*.tsbuildinfo' \) -prune -o \
    -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  [[ -f $folder/.complete && $(<"$folder/.complete") == "$wanted" ]] && return
  node_on_path
  node_modules
  step "Building the web page" npm --prefix "$root/webapp" run build
  echo "$wanted" >"$folder/.complete"
}

# What an Orthanc with the router needs.
router_environment() {
  debian_packages orthanc orthanc-python orthanc-dicomweb python3-venv ca-certificates
  python_environment plugin "$root/plugin/requirements.lock"
  web_page
}
