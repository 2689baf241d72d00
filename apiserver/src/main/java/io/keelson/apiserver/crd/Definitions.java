package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheWatch;
import io.keelson.apiserver.cache.WatchItem;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.cel.rules.RuleMetrics;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.extensions.CustomResourceDefinitionStrategy;
import io.keelson.apiserver.kinds.extensions.DefinitionConditions;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.webhook.WebhookClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the definitions of custom kinds in the store and has their kinds served: one thread takes every change, decides
 * whose names are free, puts resources into the registry or takes them out, and tells the definitions what became of them.
 *
 * <p>A kind is served before its definition is told that it is established, so whoever has read that finds it here. On
 * another server on the same store the change may not have arrived yet; that is what {@link #before} is for: a request for
 * a kind that is not known waits until this server knows all that was in the store when the request came.
 *
 * <p>Two definitions that want the same name: who has it keeps it; of two that are new, the older one gets it. When a name
 * becomes free, it is given to who else wants it.
 */
public final class Definitions implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Definitions.class);

    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration CATCH_UP_MAX = Duration.ofSeconds(10);
    private static final long PAUSE_MS = 200;

    private final RestApi rest;
    private final ResourceRegistry registry;
    private final InstantSource clock;
    private final Resource resource;
    private final CustomKinds kinds;

    /** What is known of each definition; for the one thread. */
    private final Map<String, Held> held = new HashMap<>();

    private final Map<String, Thread> removals = new HashMap<>();
    private final CountDownLatch loaded = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition settled = lock.newCondition();
    private long settledRevision;
    private @Nullable Thread thread;
    private volatile boolean closed;

    /** A definition as it is in the store, and what was made of it. */
    private static final class Held {
        private ObjectNode tree;
        private @Nullable Definition definition;
        private @Nullable Form form;
        private volatile CustomKinds.@Nullable Made made;

        private Held(ObjectNode tree) {
            this.tree = tree;
        }
    }

    /** All that a resource is made of: as long as this is the same, so is the resource. */
    private record Form(JsonNode spec, DefinedNames names, boolean terminating) {}

    /** @param webhooks calls those that convert objects */
    public Definitions(
            RestApi rest,
            ResourceRegistry registry,
            WebhookClient webhooks,
            RuleMetrics ruleMetrics,
            InstantSource clock) {
        this.rest = rest;
        this.registry = registry;
        this.clock = clock;
        this.resource = rest.resource("apiextensions.k8s.io", "customresourcedefinitions");
        this.kinds = new CustomKinds(definition -> new WebhookConversion(definition, webhooks), ruleMetrics);
    }

    public void start() {
        thread = Thread.ofVirtual().name("definitions").start(this::follow);
    }

    /** Whether everything that was there at the start is served. */
    public boolean isLoaded() {
        return loaded.getCount() == 0;
    }

    /** Waits for that, but not for ever. */
    public void awaitLoaded(Duration timeout) throws InterruptedException {
        if (!loaded.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            log.warn("definitions of custom kinds are still being loaded");
        }
    }

    /** Makes sure that a kind is not known before a request for it is refused. */
    public Handler before(Handler next) {
        return request -> {
            RequestInfo info = request.info();
            if (info.resourceRequest() && !isServed(info.groupResource(), info.version())) {
                catchUp(info.groupResource());
            }
            return next.handle(request);
        };
    }

    private boolean isServed(GroupResource name, String version) {
        Resource known = registry.current().find(name);
        return known != null && known.version(version) != null;
    }

    private void catchUp(GroupResource name) throws InterruptedException {
        if (name.group().isEmpty()) {
            return;
        }
        CacheEntry definition = rest.cache(resource).consistentSnapshot().get("", name.toString());
        if (definition != null) {
            awaitSettled(definition.revision());
        }
    }

    private void awaitSettled(long revision) throws InterruptedException {
        long left = CATCH_UP_MAX.toNanos();
        lock.lock();
        try {
            while (settledRevision < revision && left > 0) {
                left = settled.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void follow() {
        try {
            while (!closed) {
                try (CacheWatch watch = rest.cache(resource).watch(WatchRequest.FROM_NOW.withInitial(true))) {
                    WatchItem first = loadAll(watch);
                    loaded.countDown();
                    followChanges(watch, first);
                } catch (ApiException e) {
                    log.info("{}: {}; again in a moment", resource, e.message());
                } catch (RuntimeException | Error e) {
                    // Nobody else follows them: kinds that come later have to be served all the same.
                    log.error("{}: definitions are not up to date; again in a moment", resource, e);
                }
                Thread.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        } finally {
            removals.values().forEach(Thread::interrupt);
        }
    }

    /** Takes all that is there; returns what came after it. */
    private @Nullable WatchItem loadAll(CacheWatch watch) throws InterruptedException {
        Set<String> gone = new HashSet<>(held.keySet());
        Set<String> groups = new HashSet<>();
        held.values().forEach(known -> groups.add(group(known.tree)));
        long revision = 0;
        WatchItem item = watch.next(LOOK);
        while (item instanceof WatchItem.Change change) {
            gone.remove(change.entry().name());
            groups.add(put(change.entry()));
            revision = Math.max(revision, change.entry().revision());
            item = watch.next(LOOK);
        }
        gone.forEach(this::remove);
        settle(groups, revision);
        return item;
    }

    private void followChanges(CacheWatch watch, @Nullable WatchItem first) throws InterruptedException {
        Set<String> groups = new HashSet<>();
        WatchItem item = first;
        long revision = 0;
        while (!(item instanceof WatchItem.End) && !closed) {
            if (item instanceof WatchItem.Change change) {
                CacheEntry entry = change.entry();
                revision = Math.max(revision, entry.revision());
                if (change.type() == WatchItem.Type.DELETED) {
                    groups.add(group(entry.tree()));
                    remove(entry.name());
                } else {
                    groups.add(put(entry));
                }
            }
            if (!watch.hasMore() && !groups.isEmpty()) {
                groups = settle(groups, revision);
            }
            item = watch.next(groups.isEmpty() ? LOOK : RETRY);
        }
    }

    private static String group(JsonNode definition) {
        return definition.path("spec").path("group").asText("");
    }

    /** Returns the group in which something may have changed. */
    private String put(CacheEntry entry) {
        ObjectNode tree = entry.tree();
        Held known = held.computeIfAbsent(entry.name(), _ -> new Held(tree));
        known.tree = tree;
        Definition before = known.definition;
        if (before == null || !before.spec().equals(tree.path("spec"))) {
            known.definition = read(tree);
        }
        return group(tree);
    }

    private static @Nullable Definition read(ObjectNode tree) {
        try {
            return Definition.of(tree);
        } catch (MalformedException e) {
            log.warn("{} is not served: {}", ObjectMeta.name(tree), e.message());
            return null;
        }
    }

    private void remove(String name) {
        Held gone = held.remove(name);
        if (gone != null) {
            withdraw(gone);
            gone.made = null;
        }
        Thread removal = removals.remove(name);
        if (removal != null) {
            removal.interrupt();
        }
    }

    private void withdraw(Held known) {
        CustomKinds.Made made = known.made;
        if (made != null
                && made.served() != null
                && registry.current().find(made.stored().name()) == made.served()) {
            registry.remove(made.stored().name());
            log.debug("{} is not served any more", made.stored());
        }
    }

    /** Brings what is served into line with the definitions of some groups; returns those to which it has to come back. */
    private Set<String> settle(Set<String> groups, long revision) throws InterruptedException {
        Map<Held, NameClaims.Judgement> judgements = new HashMap<>();
        List<Resource> served = new ArrayList<>();
        for (String group : groups) {
            NameClaims claims = claims(group);
            for (Held known : inOrder(group)) {
                Definition definition = known.definition;
                if (definition != null) {
                    NameClaims.Judgement judgement =
                            claims.judge(definition.names(), DefinitionStatus.acceptedNames(known.tree));
                    claims.claim(judgement.accepted());
                    judgements.put(known, judgement);
                    serve(known, definition, judgement, served);
                } else {
                    withdraw(known);
                    known.made = null;
                    known.form = null;
                }
            }
        }
        if (!served.isEmpty()) {
            registry.put(served);
        }
        markSettled(revision);
        Set<String> again = new HashSet<>();
        for (Map.Entry<Held, NameClaims.Judgement> judged : judgements.entrySet()) {
            try {
                tell(judged.getKey(), judged.getValue());
                endIfDeleted(judged.getKey());
            } catch (ApiException e) {
                log.info("{}: {}; again in a moment", ObjectMeta.name(judged.getKey().tree), e.message());
                again.add(group(judged.getKey().tree));
            }
        }
        return again;
    }

    private void markSettled(long revision) {
        lock.lock();
        try {
            settledRevision = Math.max(settledRevision, revision);
            settled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private NameClaims claims(String group) {
        NameClaims claims = new NameClaims();
        for (Resource one : registry.current().resources()) {
            if (!one.custom() && one.name().group().equals(group)) {
                claims.claim(one);
            }
        }
        for (Held known : held.values()) {
            if (group(known.tree).equals(group)) {
                claims.claim(DefinitionStatus.acceptedNames(known.tree));
            }
        }
        return claims;
    }

    private List<Held> inOrder(String group) {
        return held.values().stream()
                .filter(known -> group(known.tree).equals(group))
                .sorted(Comparator.<Held, String>comparing(known -> ObjectMeta.creationTimestamp(known.tree))
                        .thenComparing(known -> ObjectMeta.name(known.tree)))
                .toList();
    }

    private void serve(Held known, Definition definition, NameClaims.Judgement judgement, List<Resource> served) {
        boolean established = DefinitionConditions.isTrue(known.tree, DefinitionConditions.ESTABLISHED);
        Resource there = registry.current()
                .find(new GroupResource(definition.group(), definition.names().plural()));
        boolean builtIn = there != null && !there.custom();
        if (builtIn
                || !(judgement.free() || established)
                || judgement.accepted().kind().isEmpty()) {
            withdraw(known);
            known.made = null;
            known.form = null;
            return;
        }
        Form form = new Form(
                definition.spec(),
                judgement.accepted(),
                DefinitionConditions.isTrue(known.tree, DefinitionConditions.TERMINATING));
        if (form.equals(known.form)) {
            return;
        }
        try {
            CustomKinds.Made made = kinds.make(definition, form.names(), form.terminating());
            Resource now = made.served();
            if (now == null) {
                withdraw(known);
            } else {
                served.add(now);
            }
            known.form = form;
            known.made = made;
        } catch (RuntimeException e) {
            // A definition that was never checked must not hold up the others.
            log.warn("{} is not served as it is defined now", definition.name(), e);
        }
    }

    private void tell(Held known, NameClaims.Judgement judgement) throws InterruptedException {
        String now = Timestamps.seconds(clock.instant());
        ObjectNode settledTree = known.tree.deepCopy();
        DefinitionStatus.settle(settledTree, judgement, now);
        if (!settledTree.equals(known.tree)) {
            JsonNode judged = known.tree.path("spec");
            var _ = rest.adjust(resource, "", ObjectMeta.name(known.tree), definition -> {
                // If it wants something else by now, that is judged when it is heard of.
                if (definition.path("spec").equals(judged)) {
                    DefinitionStatus.settle(definition, judgement, now);
                }
                return definition;
            });
        }
    }

    private void endIfDeleted(Held known) {
        String name = ObjectMeta.name(known.tree);
        boolean ours = ObjectMeta.isBeingDeleted(known.tree)
                && ObjectMeta.finalizers(known.tree).contains(CustomResourceDefinitionStrategy.CLEANUP_FINALIZER);
        if (!ours || removals.containsKey(name)) {
            return;
        }
        CustomKinds.Made made = known.made;
        boolean established = made != null && DefinitionConditions.isTrue(known.tree, DefinitionConditions.ESTABLISHED);
        InstanceRemoval removal = new InstanceRemoval(
                rest,
                resource,
                name,
                () -> {
                    CustomKinds.Made present = known.made;
                    if (present == null) {
                        throw ApiException.internal(name + " is not defined any more", null);
                    }
                    return present.stored();
                },
                established,
                clock);
        removals.put(name, Thread.ofVirtual().name("removal " + name).start(removal));
    }

    @Override
    public void close() {
        closed = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }
}
