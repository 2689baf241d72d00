package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Service accounts. References to secrets are kept by name alone. */
public final class ServiceAccountStrategy implements Strategy {
    private static final String ENFORCED = "kubernetes.io/enforce-mountable-secrets";

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode account) {
        secretsByName(account);
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode account, ObjectNode old) {
        secretsByName(account);
    }

    private static void secretsByName(ObjectNode account) {
        JsonNode secrets = account.path("secrets");
        if (secrets.isArray()) {
            ArrayNode named = account.putArray("secrets");
            for (JsonNode secret : secrets) {
                String name = secret.path("name").asText("");
                ObjectNode kept = named.addObject();
                if (!name.isEmpty()) {
                    kept.put("name", name);
                }
            }
        }
    }

    @Override
    public void warn(ObjectNode account, @Nullable ObjectNode old, List<String> warnings) {
        boolean there = old != null && ObjectMeta.annotation(old, ENFORCED) != null;
        if (!there && ObjectMeta.annotation(account, ENFORCED) != null) {
            warnings.add("metadata.annotations[" + ENFORCED
                    + "]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets");
        }
    }
}
