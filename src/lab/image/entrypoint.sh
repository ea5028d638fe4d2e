# A node's first process: makes the container fit for an engine of its own, then
# becomes its arguments. POSIX, for busybox as well; every step may be done already.

# Without --privileged, /sys and the cgroups are mounted read-only.
remount() { mount -o remount,bind,rw "$1" 2>/dev/null || :; }
remount /sys
for folder in /sys/fs/cgroup /sys/fs/cgroup/*; do
    if [ -d "$folder" ]; then remount "$folder"; fi
done

# cgroup v2: a group with processes of its own can't give controllers to its children.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    mkdir -p /sys/fs/cgroup/init 2>/dev/null || :
    rounds=0
    while [ "$rounds" -lt 5 ]; do
        left=
        while read -r pid; do
            left=$pid
            (echo "$pid" >/sys/fs/cgroup/init/cgroup.procs) 2>/dev/null || :
        done </sys/fs/cgroup/cgroup.procs
        if [ -z "$left" ]; then break; fi
        rounds=$((rounds + 1))
    done
    read -r controllers </sys/fs/cgroup/cgroup.controllers || :
    for controller in $controllers; do
        (echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control) 2>/dev/null || :
    done
fi

# What a stopped engine leaves would keep the next one from starting ("pid file
# found"); on a real machine /run is empty after a boot.
rm -rf /run/docker /run/containerd /var/run/docker /var/run/containerd
rm -f /run/docker.pid /run/docker.sock /var/run/docker.pid /var/run/docker.sock
rm -f /run/containerd.pid /var/run/containerd.pid

# The kernel may know only one of the two kinds of packet filters.
if ! iptables -nL >/dev/null 2>&1; then
    for other in /usr/local/sbin/.iptables-legacy /usr/local/sbin/.iptables-nft; do
        if [ -x "$other/iptables" ] && "$other/iptables" -nL >/dev/null 2>&1; then
            PATH=$other:$PATH
            export PATH
            break
        fi
    done
fi

# dockerd then leaves the host's AppArmor alone.
export container=docker

# The engine is nobody's parent: something has to reap what its tasks leave.
if command -v docker-init >/dev/null 2>&1; then
    exec docker-init -- "$@"
fi
exec "$@"
