package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects that tokens rest on, for tests. */
final class Accounts implements AccountLookup {
    private final Map<String, ObjectNode> objects = new HashMap<>();
    private String interrupting = "";

    ObjectNode put(String kind, String namespace, String name, String uid) {
        ObjectNode object = Json.object();
        ObjectMeta.setName(object, name);
        ObjectMeta.setNamespace(object, namespace);
        ObjectMeta.setUid(object, uid);
        objects.put(kind + "/" + namespace + "/" + name, object);
        return object;
    }

    void remove(String kind, String namespace, String name) {
        objects.remove(kind + "/" + namespace + "/" + name);
    }

    /** Whoever looks for one of a kind from now on is interrupted. */
    void interruptAt(String kind) {
        interrupting = kind;
    }

    private @Nullable ObjectNode find(String kind, String namespace, String name) throws InterruptedException {
        if (kind.equals(interrupting)) {
            throw new InterruptedException("while a test object was looked for");
        }
        return objects.get(kind + "/" + namespace + "/" + name);
    }

    static void data(ObjectNode secret, String key, String value) {
        secret.withObject("/data").put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public @Nullable ObjectNode serviceAccount(String namespace, String name) throws InterruptedException {
        return find("sa", namespace, name);
    }

    @Override
    public @Nullable ObjectNode pod(String namespace, String name) throws InterruptedException {
        return find("pod", namespace, name);
    }

    @Override
    public @Nullable ObjectNode secret(String namespace, String name) throws InterruptedException {
        return find("secret", namespace, name);
    }

    @Override
    public @Nullable ObjectNode node(String name) throws InterruptedException {
        return find("node", "", name);
    }
}
