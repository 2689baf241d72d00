package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * Finds the objects that tokens rest on, as they are now: a token whose pod was just made must be found to have one. The
 * trees are not changed. Null if there is no such object; what could not be looked for to the end is not missing, so being
 * interrupted is told as such.
 */
public interface AccountLookup {
    @Nullable
    ObjectNode serviceAccount(String namespace, String name) throws InterruptedException;

    @Nullable
    ObjectNode pod(String namespace, String name) throws InterruptedException;

    @Nullable
    ObjectNode secret(String namespace, String name) throws InterruptedException;

    @Nullable
    ObjectNode node(String name) throws InterruptedException;
}
