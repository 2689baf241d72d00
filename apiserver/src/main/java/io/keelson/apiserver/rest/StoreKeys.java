package io.keelson.apiserver.rest;

import io.keelson.apiserver.resource.Resource;

/** Where objects are in the store: the keys of a kube-apiserver. */
final class StoreKeys {
    private final String root;

    /** @param root {@code /registry} unless flags say otherwise; without a slash at its end */
    StoreKeys(String root) {
        this.root = root;
    }

    /** What all keys of a resource, or of those in a namespace, begin with; a namespace itself is in none. */
    String prefix(Resource resource, String namespace) {
        String all = root + "/" + resource.storagePath() + "/";
        return namespace.isEmpty() || !resource.namespaced() ? all : all + namespace + "/";
    }

    /** @param namespace empty for what is in none */
    String key(Resource resource, String namespace, String name) {
        return prefix(resource, namespace) + name;
    }
}
