package io.keelson.apiserver.cache;

import io.keelson.apiserver.object.FieldSelector;

/**
 * Whose events a watch can be interested in at all: what it is found by, so that nobody else's events wake it. What else
 * it selects by is tested when an event has reached it.
 */
public sealed interface WatchScope {
    /** Everything. */
    WatchScope ALL = new All();

    /** Whether an event is in it. */
    boolean contains(CacheEntry entry);

    /** All objects of the resource. */
    record All() implements WatchScope {
        @Override
        public boolean contains(CacheEntry entry) {
            return true;
        }
    }

    /** The objects of one namespace. */
    record InNamespace(String namespace) implements WatchScope {
        @Override
        public boolean contains(CacheEntry entry) {
            return entry.namespace().equals(namespace);
        }
    }

    /** One object. */
    record OneObject(String key) implements WatchScope {
        @Override
        public boolean contains(CacheEntry entry) {
            return entry.key().equals(key);
        }
    }

    /** The objects with a value in one of the fields they can be selected by: the pods of a node. */
    record WithField(String field, String value) implements WatchScope {
        @Override
        public boolean contains(CacheEntry entry) {
            return entry.field(field).equals(value);
        }
    }

    /**
     * The narrowest scope of a watch.
     *
     * @param namespace empty for all
     */
    static WatchScope of(CachedResource resource, String namespace, FieldSelector fields) {
        String name = fields.required("metadata.name");
        String inField = fields.required("metadata.namespace");
        String in = namespace.isEmpty() && inField != null ? inField : namespace;
        boolean oneNamespace = resource.namespaced() && !in.isEmpty();
        if (name != null && !name.isEmpty() && (oneNamespace || !resource.namespaced())) {
            return new OneObject(resource.key(in, name));
        }
        for (FieldSelector.Requirement requirement : fields.requirements()) {
            boolean special = !requirement.field().startsWith("metadata.");
            if (requirement.equal() && special && !requirement.value().isEmpty()) {
                return new WithField(requirement.field(), requirement.value());
            }
        }
        return oneNamespace ? new InNamespace(in) : ALL;
    }
}
