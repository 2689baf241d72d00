package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How plugins find other objects, in their storage versions. What is found is not to be changed. */
public interface ObjectLookup {
    /** An object as it was a moment ago; null if there was none. */
    @Nullable
    ObjectNode recent(String group, String resource, String namespace, String name) throws InterruptedException;

    /** An object as it is now; null if there is none. */
    @Nullable
    ObjectNode now(String group, String resource, String namespace, String name) throws InterruptedException;

    /**
     * All objects of a resource as they were a moment ago.
     *
     * @param namespace empty for all
     */
    List<ObjectNode> all(String group, String resource, String namespace) throws InterruptedException;

    /**
     * All objects of a resource as the store has them now. A round trip and more: for what is few.
     *
     * @param namespace empty for all
     */
    List<ObjectNode> allNow(String group, String resource, String namespace) throws InterruptedException;
}
