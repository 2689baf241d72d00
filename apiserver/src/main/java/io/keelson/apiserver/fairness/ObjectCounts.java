package io.keelson.apiserver.fairness;

import io.keelson.apiserver.resource.GroupResource;

/** What the cost of requests depends on. Any thread; must not wait for anything. */
public interface ObjectCounts {
    /** How many objects there are of a resource; -1 if that is not known. */
    int objects(GroupResource resource);

    /**
     * How many watches are told of a change of an object.
     *
     * @param namespace empty for none
     * @param name empty if it is not known yet
     */
    int watches(GroupResource resource, String namespace, String name);
}
