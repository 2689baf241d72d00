package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;

/** Service accounts. References to secrets are kept by name alone. */
public final class ServiceAccountStrategy implements Strategy {
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
            secrets.forEach(
                    secret -> named.addObject().put("name", secret.path("name").asText("")));
        }
    }
}
