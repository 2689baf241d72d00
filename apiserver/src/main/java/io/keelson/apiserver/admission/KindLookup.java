package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How plugins find objects whose kind is only known from a configuration. What is found comes out of the caches, as it was a
 * moment ago, and is not to be changed.
 */
public interface KindLookup {
    /** What is served of a kind in that version, worked on in it if the kind is custom; null if nothing is. */
    @Nullable
    Resource find(GroupVersionKind kind);

    /** An object in the version that the resource is worked on in; null if there was none. */
    @Nullable
    ObjectNode recent(Resource resource, String namespace, String name) throws InterruptedException;

    /**
     * All objects in the version that the resource is worked on in.
     *
     * @param namespace empty for all
     */
    List<ObjectNode> all(Resource resource, String namespace) throws InterruptedException;
}
