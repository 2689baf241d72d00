package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.DeleteOptions;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.StoreEvent;
import io.keelson.apiserver.store.StorePage;
import io.keelson.apiserver.store.StoreWatch;
import io.keelson.apiserver.store.StoredKey;
import io.keelson.apiserver.store.StoredValue;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Writes begin with what the watch cache knows of an object, which may be any state that it has had. Nobody can tell: what
 * comes of them is what comes of writes that read the object first.
 */
class LatelyKnownProperties {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Resource MAPS = BuiltInKinds.resources().stream()
            .filter(resource -> resource.name().toString().equals("configmaps"))
            .findFirst()
            .orElseThrow();

    /** What a client does to one of three objects. */
    record Step(int object, int kind, int value, int version) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 9),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, 4))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }

    @Property(tries = 300)
    void whatWasKnownNeverShows(@ForAll("steps") List<Step> steps, @ForAll long seed) throws InterruptedException {
        Side plain = new Side(null);
        Side knowing = new Side(new SplittableRandom(seed));
        for (Step step : steps) {
            assertEquals(plain.take(step), knowing.take(step), step::toString);
            assertEquals(plain.store.texts(), knowing.store.texts(), step::toString);
        }
    }

    @Test
    void whatIsKnownIsNotReadAgain() throws InterruptedException {
        // There is one state.
        Side knowing = new Side(new SplittableRandom(1));
        var _ = knowing.take(new Step(0, 0, 1, 0));
        int before = knowing.store.reads;
        assertTrue(knowing.take(new Step(0, 2, 2, 0)).contains("v2"));
        assertEquals(before, knowing.store.reads);
    }

    /** A backend with a store of its own. */
    private static final class Side {
        private final @Nullable RandomGenerator random;
        private final MemoryStore store = new MemoryStore();
        private final Backend backend;
        private final Creation creation;
        private final Update update;
        private final Deletion deletion;

        Side(@Nullable RandomGenerator random) {
            this.random = random;
            backend = new Backend(
                    store,
                    new StoreKeys("/registry"),
                    new StoredObjects(MediaType.JSON),
                    this::lately,
                    new AdmissionChain(List.of()),
                    new Judgement(false),
                    new DisabledFields(false),
                    new Allocators(),
                    new TimeToLive(3600),
                    InstantSource.fixed(NOW));
            creation = new Creation(backend, ContentCheck.NONE);
            update = new Update(backend, ContentCheck.NONE);
            deletion = new Deletion(backend);
        }

        /** Any state that the object has had, as in a cache that is late; it may have had none. */
        private Backend.@Nullable Stored lately(Resource resource, String namespace, String name) {
            String key = new StoreKeys("/registry").key(resource, namespace, name);
            List<StoredValue> states = store.history.getOrDefault(key, List.of());
            if (random == null || states.isEmpty()) {
                return null;
            }
            StoredValue state = states.get(random.nextInt(states.size()));
            Backend.Stored decoded = backend.decoded(resource, state);
            return new Backend.Stored(decoded.object(), state.revision(), null);
        }

        private static Write write(String name, boolean dryRun) {
            return new Write(
                    MAPS,
                    MAPS.versions().getFirst(),
                    "",
                    "",
                    "default",
                    name,
                    UserInfo.LOOPBACK,
                    dryRun,
                    "test",
                    Json.object(),
                    new ArrayList<>(),
                    new HashMap<>(),
                    NOW);
        }

        /** What a client is told of it. */
        String take(Step step) throws InterruptedException {
            String name = "o" + step.object();
            String value = "v" + step.value();
            try {
                return switch (step.kind()) {
                    case 0, 1 -> shown(creation.create(write("", false), map(name, value)));
                    case 2, 3 -> changed(name, false, old -> set(old, value, ""));
                    case 4 -> changed(name, true, old -> set(old, value, ""));
                    // Meant for one state, which may be the newest.
                    case 5 -> changed(name, false, old -> set(old, value, version(name, step)));
                    case 6 ->
                        changed(name, false, old -> {
                            if (old.at("/data/key").asText().equals(value)) {
                                throw ApiException.badRequest("it is " + value + " already");
                            }
                            return set(old, old.at("/data/key").asText() + value, "");
                        });
                    case 7 -> changed(name, false, old -> finalizers(old, step.value() % 2 == 0));
                    case 8 -> deleted(name, false, null);
                    default -> deleted(name, step.value() == 0, version(name, step));
                };
            } catch (ApiException e) {
                return e.reason() + ": " + e.getMessage();
            }
        }

        private String changed(String name, boolean dryRun, Update.Change change) throws InterruptedException {
            Write write = write(name, dryRun);
            Update.Updated updated = update.update(write, Part.of(MAPS, ""), Preconditions.NONE, change);
            return updated == null ? "none" : updated.removed() + shown(updated.object());
        }

        private String deleted(String name, boolean dryRun, @Nullable String version) throws InterruptedException {
            Deletion.Deleted deleted =
                    deletion.delete(write(name, dryRun), new DeleteOptions(dryRun, null, null, null, null, version));
            return deleted.removed() + shown(deleted.object());
        }

        private String version(String name, Step step) {
            StoredValue now = store.values.get(new StoreKeys("/registry").key(MAPS, "default", name));
            long revision = now == null ? 1 : now.revision();
            return Long.toString(step.version() == 0 ? Math.max(1, revision - 1) : revision);
        }

        private static ObjectNode map(String name, String value) {
            ObjectNode object = Json.object().put("kind", "ConfigMap").put("apiVersion", "v1");
            object.putObject("metadata").put("name", name).put("namespace", "default");
            object.putObject("data").put("key", value);
            return object;
        }

        private static ObjectNode set(ObjectNode old, String value, String version) {
            ObjectNode object = old.deepCopy();
            object.withObject("/data").put("key", value);
            ObjectMeta.setResourceVersion(object, version);
            return object;
        }

        private static ObjectNode finalizers(ObjectNode old, boolean held) {
            ObjectNode object = old.deepCopy();
            ObjectMeta.setFinalizers(object, held ? List.of("example.com/hold") : List.of());
            ObjectMeta.setResourceVersion(object, "");
            return object;
        }

        /** Without what is drawn by lot. */
        private static String shown(ObjectNode object) {
            ObjectNode copy = object.deepCopy();
            copy.withObject("/metadata").remove("uid");
            return copy.toString();
        }
    }

    /** Values in memory, and all that they were. */
    private static final class MemoryStore implements ObjectStore {
        private final Map<String, StoredValue> values = new TreeMap<>();
        private final Map<String, List<StoredValue>> history = new HashMap<>();
        private long revision = 1;
        private int reads;

        List<String> texts() {
            return values.values().stream()
                    .map(value -> value.revision() + Side.shown(Json.parseObject(value.bytes())))
                    .toList();
        }

        private long put(String key, byte[] bytes) {
            StoredValue value = new StoredValue(key, bytes, ++revision);
            values.put(key, value);
            history.computeIfAbsent(key, _ -> new ArrayList<>()).add(value);
            return revision;
        }

        private boolean is(String key, long expected) {
            StoredValue now = values.get(key);
            return now != null && now.revision() == expected;
        }

        @Override
        public @Nullable StoredValue get(String key) {
            reads++;
            return values.get(key);
        }

        @Override
        public long create(String key, byte[] value, long ttlSeconds) {
            return values.containsKey(key) ? 0 : put(key, value);
        }

        @Override
        public Outcome update(String key, byte[] value, long expectedRevision, long ttlSeconds) {
            return is(key, expectedRevision) ? new Outcome.Done(put(key, value)) : new Outcome.Changed(values.get(key));
        }

        @Override
        public Outcome delete(String key, long expectedRevision) {
            if (!is(key, expectedRevision)) {
                return new Outcome.Changed(values.get(key));
            }
            values.remove(key);
            return new Outcome.Done(++revision);
        }

        @Override
        public long revision() {
            return revision;
        }

        @Override
        public long revisionOf(String key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public StorePage list(String prefix, String after, int limit, long atRevision) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<StoredKey> keys(String prefix, String after, int limit, long atRevision) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long count(String prefix) {
            throw new UnsupportedOperationException();
        }

        @Override
        public StoreWatch watch(
                String prefix, long fromRevision, Consumer<StoreEvent> events, Consumer<@Nullable Throwable> ended) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
