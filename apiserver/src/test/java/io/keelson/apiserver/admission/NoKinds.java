package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where no kind is served that a configuration could name. */
public final class NoKinds implements KindLookup {
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
