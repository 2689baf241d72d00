package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;

/** What may be written to a namespace's {@code finalize}: the finalizers in its specification. */
public final class NamespaceFinalizeStrategy implements Strategy {
    private final NamespaceStrategy whole = new NamespaceStrategy();

    @Override
    public boolean countsGenerations() {
        return whole.countsGenerations();
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode namespace, ObjectNode old) {
        Fill.copy(old, namespace, "status");
    }

    @Override
    public void validate(ObjectNode namespace, FieldErrors errors) {
        whole.validate(namespace, errors);
    }
}
