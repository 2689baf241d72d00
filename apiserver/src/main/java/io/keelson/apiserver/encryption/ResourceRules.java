package io.keelson.apiserver.encryption;

import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.store.Transformer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which resources are stored how: by its name, by its group ({@code *.apps}), or as everything is ({@code *.*}). */
record ResourceRules(Map<GroupResource, Transformer> byResource) {
    static final String ANY = "*";

    ResourceRules {
        byResource = Map.copyOf(byResource);
    }

    /** Reads {@code secrets}, {@code deployments.apps}, {@code *.apps}, {@code *.} or {@code *.*}. */
    static GroupResource parse(String text) {
        int dot = text.indexOf('.');
        return dot < 0
                ? new GroupResource("", text)
                : new GroupResource(text.substring(dot + 1), text.substring(0, dot));
    }

    /** As {@link #parse} reads it. */
    static String text(GroupResource resource) {
        return resource.group().isEmpty() && resource.resource().equals(ANY) ? "*." : resource.toString();
    }

    /** @param resource null for what is no object of a resource, which is never encrypted */
    Transformer of(@Nullable GroupResource resource) {
        if (resource == null) {
            return Transformer.IDENTITY;
        }
        Transformer found = byResource.get(resource);
        if (found == null) {
            found = byResource.get(new GroupResource(resource.group(), ANY));
        }
        if (found == null) {
            found = byResource.get(new GroupResource(ANY, ANY));
        }
        return found == null ? Transformer.IDENTITY : found;
    }
}
