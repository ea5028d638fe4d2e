folder=$(mktemp -d); export XDG_STATE_HOME=$folder/state XDG_CONFIG_HOME=$folder/config XDG_CACHE_HOME=$folder/cache
LAB=mesh timeout 900 bash .ci/machine
