package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.resource.GroupResource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The objects of a cluster, in memory. */
public final class TestObjects implements ObjectAccess {
    private final Map<String, ObjectNode> objects = new TreeMap<>();

    /** What a cache has not seen yet, by its key. */
    private final Set<String> unseen = new HashSet<>();

    /** Puts an object there. */
    public TestObjects with(String resource, String yaml) {
        put(resource, Yaml.parseObject(yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>()));
        return this;
    }

    /** Puts an object there that was made just now, so that no cache has it yet. */
    public TestObjects withUnseen(String resource, String yaml) {
        ObjectNode object = Yaml.parseObject(yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>());
        put(resource, object);
        synchronized (this) {
            unseen.add(key(resource, ObjectMeta.namespace(object), ObjectMeta.name(object)));
        }
        return this;
    }

    private synchronized void put(String resource, ObjectNode object) {
        objects.put(key(resource, ObjectMeta.namespace(object), ObjectMeta.name(object)), object);
    }

    private static String key(String resource, String namespace, String name) {
        return resource + "/" + namespace + "/" + name;
    }

    private static String name(String group, String resource) {
        return new GroupResource(group, resource).toString();
    }

    @Override
    public synchronized @Nullable ObjectNode recent(String group, String resource, String namespace, String name) {
        String key = key(name(group, resource), namespace, name);
        return unseen.contains(key) ? null : objects.get(key);
    }

    @Override
    public synchronized @Nullable ObjectNode now(String group, String resource, String namespace, String name) {
        return objects.get(key(name(group, resource), namespace, name));
    }

    @Override
    public synchronized List<ObjectNode> all(String group, String resource, String namespace) {
        return allNow(group, resource, namespace).stream()
                .filter(object -> !unseen.contains(
                        key(name(group, resource), ObjectMeta.namespace(object), ObjectMeta.name(object))))
                .toList();
    }

    @Override
    public synchronized List<ObjectNode> allNow(String group, String resource, String namespace) {
        String prefix = name(group, resource) + "/" + (namespace.isEmpty() ? "" : namespace + "/");
        return objects.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .map(Map.Entry::getValue)
                .toList();
    }

    @Override
    public void create(String group, String resource, ObjectNode object) {
        if (now(group, resource, ObjectMeta.namespace(object), ObjectMeta.name(object)) != null) {
            throw ApiException.alreadyExists(new GroupResource(group, resource), ObjectMeta.name(object));
        }
        put(name(group, resource), object.deepCopy());
    }

    @Override
    public synchronized @Nullable ObjectNode adjust(
            String group, String resource, String namespace, String name, UnaryOperator<ObjectNode> change) {
        ObjectNode present = now(group, resource, namespace, name);
        if (present == null) {
            return null;
        }
        ObjectNode changed = change.apply(present.deepCopy());
        put(name(group, resource), changed);
        return changed;
    }
}
