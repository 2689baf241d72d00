package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authn.AccountLookup;
import io.keelson.apiserver.rest.RestApi;
import org.jspecify.annotations.Nullable;

/** What tokens rest on, as the store has it now. */
record StoredAccounts(RestApi rest) implements AccountLookup {
    private @Nullable ObjectNode read(String resource, String namespace, String name) throws InterruptedException {
        return rest.read(rest.resource("", resource), namespace, name);
    }

    @Override
    public @Nullable ObjectNode serviceAccount(String namespace, String name) throws InterruptedException {
        return read("serviceaccounts", namespace, name);
    }

    @Override
    public @Nullable ObjectNode pod(String namespace, String name) throws InterruptedException {
        return read("pods", namespace, name);
    }

    @Override
    public @Nullable ObjectNode secret(String namespace, String name) throws InterruptedException {
        return read("secrets", namespace, name);
    }

    @Override
    public @Nullable ObjectNode node(String name) throws InterruptedException {
        return read("nodes", "", name);
    }
}
