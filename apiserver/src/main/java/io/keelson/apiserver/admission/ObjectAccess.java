package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How the few plugins that write find and change other objects, in the server's own name. */
public interface ObjectAccess extends ObjectLookup {
    /**
     * Creates an object.
     *
     * @param object in the storage version; stays as it is
     * @throws io.keelson.apiserver.errors.ApiException AlreadyExists, or whatever else is against it
     */
    void create(String group, String resource, ObjectNode object) throws InterruptedException;

    /**
     * Changes an object as it is now, status included. If somebody else changes it meanwhile, the change is applied again to
     * what it has become. One that changes nothing writes nothing.
     *
     * @param change is given a copy of the object, and may be called several times
     * @return the object as it has become; null if there is none
     */
    @Nullable
    ObjectNode adjust(String group, String resource, String namespace, String name, UnaryOperator<ObjectNode> change)
            throws InterruptedException;
}
