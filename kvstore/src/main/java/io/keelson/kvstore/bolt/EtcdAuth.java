package io.keelson.kvstore.bolt;

/**
 * The state of authentication.
 *
 * @param revision counts changes of users, roles and permissions
 */
public record EtcdAuth(boolean enabled, long revision) {}
