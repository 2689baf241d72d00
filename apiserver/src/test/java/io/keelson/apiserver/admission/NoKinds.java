package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A cluster that serves no kinds by which objects could be found. */
public enum NoKinds implements KindLookup {
    AT_ALL;

    @Override
    public @Nullable Resource find(GroupVersionKind kind) {
        return null;
    }

    @Override
    public @Nullable ObjectNode recent(Resource resource, String namespace, String name) {
        return null;
    }

    @Override
    public List<ObjectNode> all(Resource resource, String namespace) {
        return List.of();
    }
}
