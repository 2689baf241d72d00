package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.KindLookup;
import io.keelson.apiserver.admission.ObjectAccess;
import io.keelson.apiserver.apply.FieldManager;
import io.keelson.apiserver.authz.WriteCheck;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.metrics.CacheFigures;
import io.keelson.apiserver.metrics.WatchMetrics;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.DeleteOptions;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.Allocator;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.store.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All resources over one store: answers requests, and lets other parts of the server read and write objects in its own
 * name, by the same rules.
 */
public final class RestApi implements ObjectAccess, KindLookup, AutoCloseable {
    private static final String OWN_FIELD_MANAGER = "kube-apiserver";

    /** How often it is tried to write an object that others make and remove at the same time. */
    private static final int RACES_MAX = 5;

    private final ResourceRegistry registry;
    private final Backend backend;
    private final OpenedCaches caches;
    private final Creation creation;
    private final Update update;
    private final Deletion deletion;
    private final SchemaForm form = new SchemaForm();
    private final Incoming incoming = new Incoming(new RequestBodies(), form);
    private final Answers answers;
    private final Listing listing;
    private final Watching watching;
    private final int deletionWorkers;

    /**
     * What resources are served with.
     *
     * @param keyPrefix {@code /registry} unless flags say otherwise
     * @param eventTimeToLive how long events stay
     * @param watchTimeoutMin how long a watch lasts at least, unless the client says otherwise
     * @param storedAs the form in which objects are written: JSON, or protobuf for kinds that have such a form
     * @param watchMetrics counts what watches are sent
     * @param strictAddresses whether new addresses are refused that programs do not read alike
     * @param groupsOfPods whether pods may belong to a group that is scheduled together
     * @param deletionWorkers how many objects of a collection are deleted at a time
     */
    public record Settings(
            String keyPrefix,
            CacheOptions cacheOptions,
            Duration eventTimeToLive,
            Duration watchTimeoutMin,
            MediaType storedAs,
            WatchMetrics watchMetrics,
            boolean strictAddresses,
            boolean groupsOfPods,
            int deletionWorkers) {
        /** Strict, without groups of pods, and deleting one by one, as servers are that are not told otherwise. */
        public Settings(
                String keyPrefix,
                CacheOptions cacheOptions,
                Duration eventTimeToLive,
                Duration watchTimeoutMin,
                MediaType storedAs,
                WatchMetrics watchMetrics) {
            this(keyPrefix, cacheOptions, eventTimeToLive, watchTimeoutMin, storedAs, watchMetrics, true, false, 1);
        }
    }

    /**
     * What is done where it is not enough to read and write objects.
     *
     * @param writes decides about writes of clients when it is known what they are
     * @param reviews who answers what is posted and not kept, by the resource to which it is posted
     * @param tokens who answers TokenRequests, posted to {@code serviceaccounts/token}
     * @param components what {@code componentstatuses} tells about
     * @param subresources what else is done at subresources that are not just a part of the object, by {@code pods/exec}
     *     and the like; a {@code *} stands for every resource
     */
    public record Special(
            WriteCheck writes,
            Map<GroupResource, Review> reviews,
            Review tokens,
            List<Component> components,
            Map<String, ResourceHandler.SubresourceHandler> subresources) {
        public Special {
            reviews = Map.copyOf(reviews);
            components = List.copyOf(components);
            subresources = Map.copyOf(subresources);
        }
    }

    /** @param admission makes the plugins, which find other objects here */
    public RestApi(
            ResourceRegistry registry,
            ObjectStore store,
            ResourceCaches resourceCaches,
            Function<RestApi, AdmissionChain> admission,
            Settings settings,
            InstantSource clock) {
        this.registry = registry;
        StoreKeys keys = new StoreKeys(settings.keyPrefix());
        StoredObjects form = new StoredObjects(settings.storedAs());
        this.backend = new Backend(
                store,
                keys,
                form,
                this::lately,
                admission.apply(this),
                new Judgement(settings.strictAddresses()),
                new DisabledFields(settings.groupsOfPods()),
                new Allocators(),
                new TimeToLive(settings.eventTimeToLive().toSeconds()),
                clock);
        this.caches = new OpenedCaches(resourceCaches, keys, form, registry);
        this.deletionWorkers = settings.deletionWorkers();
        registry.onChange(() -> caches.retain(registry.current()));
        this.creation = new Creation(backend, ContentCheck.NONE);
        this.update = new Update(backend, ContentCheck.NONE);
        this.deletion = new Deletion(backend);
        Formats formats = new ObjectFormats();
        this.answers = new Answers(formats, clock);
        this.listing = new Listing(formats, clock);
        this.watching =
                new Watching(clock, settings.cacheOptions(), settings.watchTimeoutMin(), settings.watchMetrics());
    }

    /** Answers requests for resources. */
    public Handler serving(Special special) {
        return new ResourceHandler(
                registry,
                backend,
                special.writes(),
                caches::of,
                incoming,
                RequestBodies::parseYaml,
                answers,
                listing,
                watching,
                deletionWorkers,
                handlers(special));
    }

    private Map<String, ResourceHandler.SubresourceHandler> handlers(Special special) {
        Map<String, ResourceHandler.SubresourceHandler> handlers = new HashMap<>(special.subresources());
        Postings postings = new Postings(backend, incoming);
        BindingHandler binding = new BindingHandler(registry, backend, postings, answers);
        handlers.put("bindings", binding);
        handlers.put("pods/binding", binding);
        handlers.put(
                "pods/eviction",
                new EvictionHandler(backend, postings, new DisruptionBudgets(registry, caches::of, backend), answers));
        handlers.put("*/scale", new ScaleHandler(backend, incoming, RequestBodies::parseYaml, answers));
        handlers.put("componentstatuses", new ComponentStatuses(special.components(), answers, listing));
        PostedKind tokenRequest = PostedKind.of("authentication.k8s.io", "v1", "TokenRequest");
        handlers.put("serviceaccounts/token", new ReviewHandler(postings, answers, tokenRequest, special.tokens()));
        special.reviews()
                .forEach((resource, review) ->
                        handlers.put(resource.toString(), new ReviewHandler(postings, answers, null, review)));
        return handlers;
    }

    /** Has something admitted that is not written: a connection to what stands behind an object. */
    public void admit(AdmissionRequest request) throws InterruptedException {
        backend.admission().mutate(request);
        backend.admission().validate(request);
    }

    /** Lets somebody give out what objects of a resource hold besides themselves. */
    public void allocate(GroupResource resource, Allocator allocator) {
        backend.allocators().put(resource, allocator);
    }

    /** The cache of a resource, once it is loaded. */
    public ResourceCache cache(Resource resource) throws InterruptedException {
        return caches.of(resource);
    }

    /** The cache of a resource if it is open, loaded or not; null if nobody has asked for it yet. */
    public @Nullable ResourceCache openCache(GroupResource resource) {
        return caches.opened(resource);
    }

    /**
     * A resource that is served for certain.
     *
     * @throws IllegalStateException if it is not
     */
    public Resource resource(String group, String name) {
        Resource resource = registry.current().find(new GroupResource(group, name));
        if (resource == null) {
            throw new IllegalStateException(name + " of group '" + group + "' is not served");
        }
        return resource;
    }

    @Override
    public @Nullable ObjectNode recent(String group, String name, String namespace, String object)
            throws InterruptedException {
        return recent(resource(group, name), namespace, object);
    }

    private Backend.@Nullable Stored lately(Resource resource, String namespace, String object) {
        CacheEntry entry = caches.find(resource, namespace, object);
        return entry == null ? null : new Backend.Stored(Json.parseObject(entry.encoded()), entry.revision(), null);
    }

    @Override
    public @Nullable ObjectNode recent(Resource resource, String namespace, String object) throws InterruptedException {
        CacheEntry entry = caches.of(resource).snapshot().get(namespace, object);
        return entry == null ? null : entry.tree();
    }

    @Override
    public @Nullable Resource find(GroupVersionKind kind) {
        Resource resource = registry.current().find(kind.groupKind());
        return resource == null || resource.version(kind.version()) == null ? null : resource.through(kind.version());
    }

    @Override
    public @Nullable ObjectNode now(String group, String name, String namespace, String object)
            throws InterruptedException {
        return read(resource(group, name), namespace, object);
    }

    @Override
    public List<ObjectNode> all(String group, String name, String namespace) throws InterruptedException {
        return all(resource(group, name), namespace);
    }

    @Override
    public List<ObjectNode> allNow(String group, String name, String namespace) throws InterruptedException {
        return backend.readAll(resource(group, name), namespace);
    }

    @Override
    public List<ObjectNode> all(Resource resource, String namespace) throws InterruptedException {
        List<ObjectNode> all = new ArrayList<>();
        caches.of(resource).snapshot().iterator(namespace, "").forEachRemaining(entry -> all.add(entry.tree()));
        return all;
    }

    /** An object as it is now, in the storage version, from the store itself; null if there is none. */
    public @Nullable ObjectNode read(Resource resource, String namespace, String name) throws InterruptedException {
        Backend.Stored stored = backend.read(resource, namespace, name);
        return stored == null ? null : stored.object();
    }

    /**
     * Creates an object in the server's own name.
     *
     * @param object in the storage version; stays as it is
     * @throws ApiException AlreadyExists, or whatever else is against it
     */
    public ObjectNode create(Resource resource, ObjectNode object) throws InterruptedException {
        ObjectNode copy = inForm(resource, object);
        return creation.create(write(resource, ObjectMeta.namespace(copy), ""), copy);
    }

    /**
     * Changes an object in the server's own name.
     *
     * @return null if there is no such object
     */
    public @Nullable ObjectNode update(
            Resource resource, String namespace, String name, UnaryOperator<ObjectNode> change)
            throws InterruptedException {
        Update.Updated updated =
                update.update(write(resource, namespace, name), Part.of(resource, ""), Preconditions.NONE, old -> {
                    ObjectNode changed = inForm(resource, change.apply(old.deepCopy()));
                    if (resource.strategy().updatesUnconditionally()) {
                        // It is meant for whatever is there when it is written.
                        ObjectMeta.setResourceVersion(changed, "");
                    }
                    return changed;
                });
        return updated == null ? null : updated.object();
    }

    /**
     * Changes an object in the server's own name, or creates it if there is none. When somebody else does so at the same
     * time, it is done again with what is there then, five times in all.
     *
     * @param mayCreate asked when there is none
     * @param change what is to become of the object; one that is to be created has its kind and its name, and nothing else
     * @return whether it was created
     * @throws ApiException Conflict or AlreadyExists if others were quicker each time, or whatever else is against it
     */
    public boolean updateOrCreate(
            Resource resource,
            String namespace,
            String name,
            BooleanSupplier mayCreate,
            UnaryOperator<ObjectNode> change)
            throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                if (update(resource, namespace, name, change) != null || !mayCreate.getAsBoolean()) {
                    return false;
                }
                var _ = create(resource, change.apply(begun(resource, namespace, name)));
                return true;
            } catch (ApiException e) {
                boolean raced = e.reason() == Reason.ALREADY_EXISTS || e.reason() == Reason.CONFLICT;
                if (!raced || attempt == RACES_MAX) {
                    throw e;
                }
            }
        }
    }

    private static ObjectNode begun(Resource resource, String namespace, String name) {
        ObjectNode object = Json.object()
                .put("apiVersion", resource.storedAs().toString())
                .put("kind", resource.kind().kind());
        if (!namespace.isEmpty()) {
            ObjectMeta.setNamespace(object, namespace);
        }
        ObjectMeta.setName(object, name);
        return object;
    }

    /**
     * Applies a configuration to an object in the server's own name, against whoever else manages what it sets.
     *
     * @param manager who manages from now on what the configuration sets
     * @param configuration in the preferred version, for the object as it is now, in that version; null to leave it as it is
     * @return the object as it is then; null if there is no such object
     */
    public @Nullable ObjectNode apply(
            Resource resource,
            String manager,
            String namespace,
            String name,
            Function<ObjectNode, @Nullable ObjectNode> configuration)
            throws InterruptedException {
        Write write = write(resource, namespace, name);
        Part part = Part.of(resource, "");
        FieldManager fields = part.managers(write, backend.clock());
        String version = write.version().version();
        Update.Updated updated = update.update(write, part, Preconditions.NONE, old -> {
            ObjectNode live = Versions.fromStorage(resource, old.deepCopy(), version);
            ObjectNode config = configuration.apply(live);
            if (config == null) {
                return old.deepCopy();
            }
            ObjectNode applied = fields.apply(live, config, manager, true);
            ObjectNode changed = inForm(resource, Versions.toStorage(resource, applied, version));
            ObjectMeta.setResourceVersion(changed, "");
            return changed;
        });
        return updated == null ? null : updated.object();
    }

    /**
     * Changes whatever part of an object the server itself keeps: its status, its finalizers. No rules of the kind apply. An
     * object that is being deleted goes with its last finalizer.
     *
     * @return null if there is no such object
     */
    public @Nullable ObjectNode adjust(
            Resource resource, String namespace, String name, UnaryOperator<ObjectNode> change)
            throws InterruptedException {
        Update.Updated updated =
                update.update(write(resource, namespace, name), Part.UNRULED, Preconditions.NONE, old -> {
                    ObjectNode changed = change.apply(old.deepCopy());
                    ObjectMeta.setResourceVersion(changed, "");
                    return changed;
                });
        return updated == null ? null : updated.object();
    }

    @Override
    public void create(String group, String name, ObjectNode object) throws InterruptedException {
        var _ = create(resource(group, name), object);
    }

    @Override
    public @Nullable ObjectNode adjust(
            String group, String name, String namespace, String object, UnaryOperator<ObjectNode> change)
            throws InterruptedException {
        return adjust(resource(group, name), namespace, object, change);
    }

    /** Deletes an object in the server's own name; one that is not there is fine. */
    public void delete(Resource resource, String namespace, String name) throws InterruptedException {
        try {
            var _ = deletion.delete(write(resource, namespace, name), DeleteOptions.parse(Query.NONE));
        } catch (ApiException e) {
            if (e.code() != Reason.NOT_FOUND.code()) {
                throw e;
            }
        }
    }

    private ObjectNode inForm(Resource resource, ObjectNode object) {
        ObjectNode copy = object.deepCopy();
        form.fillIn(resource, resource.versions().getFirst(), copy);
        resource.strategy().applyDefaults(copy);
        return copy;
    }

    private Write write(Resource resource, String namespace, String name) {
        return new Write(
                resource,
                resource.versions().getFirst(),
                "",
                "",
                namespace,
                name,
                UserInfo.LOOPBACK,
                false,
                OWN_FIELD_MANAGER,
                Json.object(),
                new ArrayList<>(),
                new HashMap<>(),
                backend.clock().instant());
    }

    /** What the caches that are loaded hold, for metrics. */
    public List<CacheFigures> cacheFigures() {
        return caches.figures();
    }

    /** Ends the watches of clients, and those that are still begun: they begin again at another server. */
    public void endWatches() {
        watching.endAll();
    }

    /**
     * The same, one after the other.
     *
     * @param over for how long in all
     */
    public void endWatches(Duration over) throws InterruptedException {
        watching.endAll(over);
    }

    @Override
    public void close() {
        caches.close();
    }
}
