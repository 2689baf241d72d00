package io.keelson.dist.kills;

/**
 * A pod as its processes tell.
 *
 * @param sandbox its id
 * @param shim the number of its process
 */
record RunningPod(String sandbox, String uid, String namespace, String name, long shim) {}
