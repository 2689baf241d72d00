package io.keelson.apiserver.resource;

/** Where objects of a kind live. */
public enum Scope {
    NAMESPACED,
    CLUSTER
}
