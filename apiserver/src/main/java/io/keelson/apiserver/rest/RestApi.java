package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.DeleteOptions;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.store.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All resources over one store: answers requests, and lets other parts of the server read and write objects in its own
 * name, by the same rules.
 */
public final class RestApi implements Handler, ObjectLookup, AutoCloseable {
    private static final String OWN_FIELD_MANAGER = "kube-apiserver";

    private final ResourceRegistry registry;
    private final Backend backend;
    private final OpenedCaches caches;
    private final Creation creation;
    private final Update update;
    private final Deletion deletion;
    private final ResourceHandler handler;
    private final SchemaForm form = new SchemaForm();

    /**
     * What resources are served with.
     *
     * @param keyPrefix {@code /registry} unless flags say otherwise
     * @param eventTimeToLive how long events stay
     * @param watchTimeoutMin how long a watch lasts at least, unless the client says otherwise
     * @param subresources what is done at subresources that are not just a part of the object, by {@code pods/binding} and
     *     the like; a {@code *} stands for every resource
     */
    public record Settings(
            String keyPrefix,
            CacheOptions cacheOptions,
            Duration eventTimeToLive,
            Duration watchTimeoutMin,
            Map<String, ResourceHandler.SubresourceHandler> subresources) {
        public Settings {
            subresources = Map.copyOf(subresources);
        }
    }

    /** @param admission makes the plugins, which find other objects here */
    public RestApi(
            ResourceRegistry registry,
            ObjectStore store,
            ResourceCaches resourceCaches,
            Function<ObjectLookup, AdmissionChain> admission,
            Settings settings,
            InstantSource clock) {
        this.registry = registry;
        StoreKeys keys = new StoreKeys(settings.keyPrefix());
        this.backend = new Backend(
                store,
                keys,
                StoredObjects::decode,
                admission.apply(this),
                new TimeToLive(settings.eventTimeToLive().toSeconds()),
                clock);
        this.caches = new OpenedCaches(resourceCaches, keys);
        this.creation = new Creation(backend);
        this.update = new Update(backend);
        this.deletion = new Deletion(backend);
        Formats formats = new ObjectFormats();
        this.handler = new ResourceHandler(
                registry,
                backend,
                caches::of,
                new Incoming(new RequestBodies(), form),
                RequestBodies::parseYaml,
                new Answers(formats, clock),
                new Listing(formats, clock),
                new Watching(clock, settings.cacheOptions(), settings.watchTimeoutMin()),
                settings.subresources());
    }

    @Override
    public ApiResponse handle(ApiRequest request) throws InterruptedException {
        return handler.handle(request);
    }

    /** The cache of a resource, once it is loaded. */
    public ResourceCache cache(Resource resource) throws InterruptedException {
        return caches.of(resource);
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
        CacheEntry entry = caches.of(resource(group, name)).snapshot().get(namespace, object);
        return entry == null ? null : entry.tree();
    }

    @Override
    public @Nullable ObjectNode now(String group, String name, String namespace, String object)
            throws InterruptedException {
        return read(resource(group, name), namespace, object);
    }

    @Override
    public List<ObjectNode> all(String group, String name, String namespace) throws InterruptedException {
        List<ObjectNode> all = new ArrayList<>();
        caches.of(resource(group, name)).snapshot().iterator(namespace, "").forEachRemaining(entry -> all.add(entry.tree()));
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
    public @Nullable ObjectNode update(Resource resource, String namespace, String name, UnaryOperator<ObjectNode> change)
            throws InterruptedException {
        Update.Updated updated = update.update(
                write(resource, namespace, name),
                Preconditions.NONE,
                old -> inForm(resource, change.apply(old.deepCopy())),
                null);
        return updated == null ? null : updated.object();
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
                namespace,
                name,
                UserInfo.LOOPBACK,
                false,
                OWN_FIELD_MANAGER,
                Json.object(),
                new ArrayList<>(),
                backend.clock().instant());
    }

    @Override
    public void close() {
        caches.close();
    }
}
