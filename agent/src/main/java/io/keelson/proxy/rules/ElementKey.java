package io.keelson.proxy.rules;

/** Which element of which map or set. */
public record ElementKey(TableSet set, Octets key) {}
