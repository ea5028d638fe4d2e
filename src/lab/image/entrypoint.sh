# A node's first process: makes the container fit for an engine of its own, runs
# its arguments, which are that engine, and reaps what the engine's tasks leave.
# On USR2 the engine starts afresh: as a new one, but with its images. On USR1 the
# same, once the other nodes of its swarm have been told that it goes.
# POSIX, for busybox as well; every step may be done already.

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

# A shell stays as the first process, and as a file, for the eyes of who types ps.
cat >/run/node <<'END'
# The container's own packet filter, Docker's name server for it among it.
filters() {
    for family in iptables ip6tables; do
        "$1" "$family"
    done 2>/dev/null
}
save() { "$1-save" >"/run/$1" || rm -f "/run/$1"; }
restore() {
    [ -f "/run/$1" ] || return 0
    saved=$(cat "/run/$1")
    {
        printf '%s\n' "$saved"
        # A table that was not used then is empty.
        "$1-save" | while read -r line; do
            case $line in
            "*"*)
                used=yes
                case "$end$saved$end" in *"$end$line$end"*) used= ;; esac
                [ -z "$used" ] || echo "$line"
                ;;
            :*" ACCEPT "* | :*" DROP "*) [ -z "$used" ] || echo "${line%% *} ACCEPT [0:0]" ;;
            COMMIT) [ -z "$used" ] || echo COMMIT ;;
            esac
        done
    } | "$1-restore" || :
}
end='
'

# Nothing runs here but this shell, nothing is mounted, and of the engine's data
# images are all there is. Four nodes do this at once: what would start a process
# for each thing does it for all of them.
afresh() {
    # The engine's networks, and what one that was killed while it left its swarm was
    # about to take down. The kernel takes a while for each of them, and no longer for
    # a group of them (which not every `ip` knows). Once tasks have ended, whose own
    # networks it then takes down, it is not asked for anything else.
    for link in /sys/class/net/*; do
        case ${link##*/} in
        docker* | br-* | veth* | vx-*) echo "link set dev ${link##*/} group 4789" ;;
        esac
    done | ip -force -batch - 2>/dev/null
    kill -9 -1
    ip link delete group 4789 2>/dev/null &
    links=$!
    set --
    while read -r _ point _; do
        case $point in
        /run/docker/* | /run/containerd/* | /var/lib/docker/*) set -- "$point" "$@" ;;
        esac
    done </proc/mounts
    [ "$#" = 0 ] || umount -l "$@" 2>/dev/null
    filters restore
    set --
    for layers in /var/lib/docker/image/*/layerdb; do
        driver=${layers%/layerdb}
        driver=/var/lib/docker/${driver##*/}
        for id in "$layers"/mounts/*/mount-id "$layers"/mounts/*/init-id; do
            read -r id <"$id" || [ -n "$id" ] || continue
            case $id in "" | */* | .*) continue ;; esac
            if read -r short <"$driver/$id/link" || [ -n "$short" ]; then
                set -- "$@" "$driver/l/${short##*/}"
            fi
            set -- "$@" "${driver:?}/$id"
        done
        set -- "$@" "$layers/mounts"
    done 2>/dev/null
    for thing in /var/lib/docker/* /var/lib/docker/.[!.]*; do
        name=${thing##*/}
        [ "$name" = image ] || [ -d "/var/lib/docker/image/$name" ] || set -- "$@" "$thing"
    done
    rm -rf "$@" /tmp/* /var/tmp/*
    wait "$links" || :
    # All but the container's own.
    for link in /sys/class/net/*; do
        case ${link##*/} in
        lo | eth*) ;;
        *) [ ! -e "$link" ] || ip link delete "${link##*/}" 2>/dev/null || : ;;
        esac
    done
    # The kernel takes down the networks of tasks in its own time. As long as one of
    # them has the swarm's port (4789) none of the same number can be made.
    rounds=0
    while [ "$rounds" -lt 100 ] && grep -q ":12B5 " /proc/net/udp /proc/net/udp6; do
        sleep 0.05
        rounds=$((rounds + 1))
    done 2>/dev/null
    # The groups of tasks that have been killed.
    find /sys/fs/cgroup -depth -type d -path '*/docker/*' -exec rmdir {} + 2>/dev/null
}

# Each process of the engine's tasks.
tasks() {
    shims=" "
    for process in /proc/[0-9]*; do
        read -r name <"$process/comm" || continue
        case $name in containerd-shim*) shims="$shims${process##*/} " ;; esac
    done
    for process in /proc/[0-9]*; do
        while read -r key value _; do
            [ "$key" = PPid: ] || continue
            case $shims in *" $value "*) echo "${process##*/}" ;; esac
            break
        done <"$process/status"
    done
} 2>/dev/null

# The next engine has the address of this one: nodes that have not heard that this
# one has gone would wait for its answers, half a minute for each. An engine that
# ends says so (before that it ends its tasks), and then closes its port 7946.
goes() {
    [ -e /var/lib/docker/swarm/docker-state.json ] || return 0
    for task in $(tasks); do kill -KILL "$task" 2>/dev/null; done
    kill -TERM "$engine"
    rounds=0
    while [ "$rounds" -lt 30 ] && grep -q ":1F0A .* 0A " /proc/net/tcp /proc/net/tcp6; do
        sleep 0.1
        rounds=$((rounds + 1))
    done 2>/dev/null
}

filters save
anew=
trap 'kill -TERM "$engine"' TERM INT QUIT
trap 'kill -HUP "$engine"' HUP
trap 'anew=yes; goes; kill -KILL "$engine"' USR1
trap 'anew=yes; kill -KILL "$engine"' USR2
while :; do
    # What a stopped engine leaves would keep the next one from starting ("pid
    # file found"); on a real machine /run is empty after a boot.
    rm -rf /run/docker /run/containerd /var/run/docker /var/run/containerd \
        /run/docker.pid /run/docker.sock /var/run/docker.pid /var/run/docker.sock \
        /run/containerd.pid /var/run/containerd.pid
    "$@" &
    engine=$!
    while :; do
        wait "$engine" 2>/dev/null
        code=$?
        # A signal ends the waiting, too.
        kill -0 "$engine" 2>/dev/null || break
    done
    [ -n "$anew" ] || exit "$code"
    anew=
    afresh
done
END
exec sh /run/node "$@"
