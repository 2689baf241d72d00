package io.keelson.apiserver.cache;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.function.Function;

/**
 * What a cache has to know about the resource it caches. The functions are called by several threads.
 *
 * @param prefix of its keys, with a slash at the end: {@code /registry/pods/}
 * @param namespaced whether what follows is {@code namespace/name}
 * @param decode the object in a value as it is stored, brought into the storage version; a new tree each time, which the
 *     cache may change; throws if it is none
 * @param selectableFields what else than name and namespace objects are selected by: field → value
 */
public record CachedResource(
        String prefix,
        boolean namespaced,
        Function<byte[], ObjectNode> decode,
        Function<ObjectNode, Map<String, String>> selectableFields) {
    public CachedResource {
        if (!prefix.endsWith("/")) {
            throw new IllegalArgumentException("a prefix ends with a slash: " + prefix);
        }
    }

    /** The key of an object. */
    public String key(String namespace, String name) {
        return namespaced ? prefix + namespace + "/" + name : prefix + name;
    }

    /**
     * What the keys of a namespace begin with.
     *
     * @param namespace empty for all
     */
    public String prefix(String namespace) {
        return namespace.isEmpty() || !namespaced ? prefix : prefix + namespace + "/";
    }

    /** The namespace that a key is in; empty if it is in none. */
    String namespaceOf(String key) {
        int slash = namespaced ? key.indexOf('/', prefix.length()) : -1;
        return slash < 0 ? "" : key.substring(prefix.length(), slash);
    }
}
