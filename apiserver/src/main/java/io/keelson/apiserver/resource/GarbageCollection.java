package io.keelson.apiserver.resource;

/** What becomes of the objects that an object owns, if its deletion says nothing and neither does the object itself. */
public enum GarbageCollection {
    /** They are deleted afterwards. Most kinds. */
    DELETE,
    /** They are no longer owned, and stay. */
    ORPHAN,
    /** Objects of the kind own nothing: whatever a deletion says about it is ignored. */
    UNSUPPORTED
}
