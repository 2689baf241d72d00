package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.devices.ClaimStatusPermissions;
import io.keelson.apiserver.apply.FieldManager;
import io.keelson.apiserver.authz.WriteCheck;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheSnapshot;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.patch.PatchType;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.DeleteOptions;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.ListOptions;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.request.MediaTypes;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.WriteOptions;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.resource.Verb;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests for resources: finds the resource, and does with it what the verb says. What is special about a
 * subresource other than the status is done by its own handler, if it has one.
 */
public final class ResourceHandler implements Handler {
    private final ResourceRegistry registry;
    private final Backend backend;
    private final WriteCheck writes;
    private final ClaimStatusPermissions claims;
    private final OpenCaches caches;
    private final Incoming incoming;
    private final ConfigReader configs;
    private final Answers answers;
    private final Listing listing;
    private final Watching watching;
    private final Creation creation;
    private final Update update;
    private final Deletion deletion;
    private final int deletionWorkers;
    private final Map<String, SubresourceHandler> special;

    /** Caches, each opened when it is first needed. */
    @FunctionalInterface
    public interface OpenCaches {
        /** The cache of a resource, loaded. */
        ResourceCache of(Resource resource) throws InterruptedException;
    }

    /** Reads configurations to be applied. */
    @FunctionalInterface
    interface ConfigReader {
        ObjectNode read(byte[] yaml, List<String> duplicates);
    }

    /** Does what a subresource, or a resource that is not stored, is for. */
    @FunctionalInterface
    public interface SubresourceHandler {
        ApiResponse handle(ApiRequest request, Resource resource, ServedVersion version) throws InterruptedException;
    }

    /**
     * @param writes decides about writes when it is known what they are
     * @param deletionWorkers how many objects of a collection are deleted at a time
     * @param special by {@code pods/binding}, {@code * /scale}, {@code tokenreviews.authentication.k8s.io} and the like:
     *     what is not just an object that is stored, or a part of one
     */
    ResourceHandler(
            ResourceRegistry registry,
            Backend backend,
            WriteCheck writes,
            OpenCaches caches,
            Incoming incoming,
            ConfigReader configs,
            Answers answers,
            Listing listing,
            Watching watching,
            int deletionWorkers,
            Map<String, SubresourceHandler> special) {
        this.registry = registry;
        this.backend = backend;
        this.caches = caches;
        this.incoming = incoming;
        this.configs = configs;
        this.answers = answers;
        this.listing = listing;
        this.watching = watching;
        this.writes = writes;
        this.claims = new ClaimStatusPermissions(writes.authorizer());
        this.creation = new Creation(backend, this::checkContent);
        this.update = new Update(backend, this::checkContent);
        this.deletion = new Deletion(backend);
        this.deletionWorkers = deletionWorkers;
        this.special = Map.copyOf(special);
    }

    @Override
    public ApiResponse handle(ApiRequest request) throws InterruptedException {
        RequestInfo info = request.info();
        Resource found = registry.current().find(info.groupResource());
        ServedVersion version = found == null ? null : found.version(info.version());
        if (found == null || version == null) {
            throw ApiException.noSuchResource();
        }
        Verbs.requirePlace(request, found);
        Resource resource = found.through(info.version());
        String deprecation = version.deprecationWarning();
        if (deprecation != null) {
            request.noteDeprecated();
            request.warn(deprecation);
            request.audit().note("k8s.io/deprecated", "true");
        }
        if (!info.subresource().isEmpty()) {
            Subresource subresource = resource.subresource(info.subresource());
            if (subresource == null) {
                throw ApiException.noSuchResource();
            }
            SubresourceHandler handler = handlerOf(resource, subresource);
            if (handler != null) {
                return handler.handle(request, resource, version);
            }
            require(subresource.verbs().contains(verb(resource, info)), resource, info);
        } else {
            require(resource.verbs().contains(verb(resource, info)), resource, info);
            SubresourceHandler handler = special.get(resource.name().toString());
            if (handler != null) {
                return handler.handle(request, resource, version);
            }
        }
        return switch (verb(resource, info)) {
            case GET -> get(request, resource, version);
            case LIST -> listing.list(request, resource, version, caches.of(resource));
            case WATCH -> watching.watch(request, resource, version, caches.of(resource));
            case CREATE -> create(request, resource, version);
            case UPDATE -> put(request, resource, version);
            case PATCH -> patch(request, resource, version);
            case DELETE -> delete(request, resource, version);
            case DELETECOLLECTION -> deleteCollection(request, resource, version);
        };
    }

    private @Nullable SubresourceHandler handlerOf(Resource resource, Subresource subresource) {
        SubresourceHandler own = special.get(resource.name() + "/" + subresource.name());
        return own != null ? own : special.get("*/" + subresource.name());
    }

    private static Verb verb(Resource resource, RequestInfo info) {
        try {
            return Verb.valueOf(info.verb().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw Verbs.notAllowed(resource, info);
        }
    }

    private static void require(boolean can, Resource resource, RequestInfo info) {
        if (!can && resource.custom()) {
            // A custom kind has all verbs but while its definition is on its way out.
            throw ApiException.methodNotSupported(resource.name(), info.verb())
                    .saying(info.verb() + " not allowed while custom resource definition is terminating");
        }
        if (!can) {
            throw Verbs.notAllowed(resource, info);
        }
    }

    private ApiResponse get(ApiRequest request, Resource resource, ServedVersion version) throws InterruptedException {
        Negotiated negotiated = answers.negotiate(request, resource);
        RequestInfo info = request.info();
        String key = backend.keys().key(resource, info.namespace(), info.name());
        String notOlderThan = request.query().text("resourceVersion");
        ResourceCache cache = caches.of(resource);
        CacheEntry cached;
        boolean current;
        if (notOlderThan.isEmpty() || notOlderThan.equals("0")) {
            cached = cache.snapshot().get(key);
            current = cached != null
                    && (!notOlderThan.isEmpty() || backend.store().revisionOf(key) == cached.revision());
        } else {
            cached = cache.snapshotNotOlderThan(ResourceVersions.parse(notOlderThan))
                    .get(key);
            current = true;
            if (cached == null) {
                throw ApiException.notFound(resource.name(), info.name());
            }
        }
        if (cached == null || !current) {
            StoredValue value = backend.store().get(key);
            if (value == null) {
                throw ApiException.notFound(resource.name(), info.name());
            }
            ObjectNode object = backend.decoded(resource, value).object();
            return answers.object(
                    request, 200, version, Versions.fromStorage(resource, object, version.version()), negotiated);
        }
        boolean asStored = negotiated.as() == null
                && negotiated.type() == MediaType.JSON
                && !negotiated.pretty()
                && Versions.sameAsStored(resource, version.version());
        return asStored
                ? Answers.json(200, cached.encoded())
                : answers.object(
                        request, 200, version, Versions.spoken(resource, cached, version.version(), true), negotiated);
    }

    private ApiResponse create(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        WriteOptions options = WriteOptions.forCreate(request.query());
        var _ = answers.negotiate(request, resource);
        ObjectNode object = incoming.read(request, resource, version, options.fieldValidation());
        Incoming.place(request, resource, object);
        Write write = write(request, resource, version, options, "CreateOptions");
        ObjectNode managed = fieldManager(write).update(null, object, write.fieldManager());
        ObjectNode created = creation.create(write, Versions.toStorage(resource, managed, version.version()));
        return answers.object(request, 201, resource, version, created);
    }

    private ApiResponse put(ApiRequest request, Resource resource, ServedVersion version) throws InterruptedException {
        WriteOptions options = WriteOptions.forUpdate(request.query());
        var _ = answers.negotiate(request, resource);
        ObjectNode object = incoming.read(request, resource, version, options.fieldValidation());
        Incoming.place(request, resource, object);
        Write write = write(request, resource, version, options, "UpdateOptions");
        FieldManager fields = fieldManager(write);
        Update.Change change = old -> {
            ObjectNode live = Versions.fromStorage(resource, old.deepCopy(), version.version());
            ObjectNode managed = fields.update(live, object.deepCopy(), write.fieldManager());
            return Versions.toStorage(resource, managed, version.version());
        };
        Update.Updated updated = update.update(write, partOf(write), Preconditions.NONE, change);
        if (updated != null) {
            return answers.object(request, 200, resource, version, updated.object());
        }
        if (!resource.strategy().createsOnUpdate() || !write.subresource().isEmpty()) {
            throw ApiException.notFound(resource.name(), write.name());
        }
        String meant = ObjectMeta.uid(object);
        if (!meant.isEmpty()) {
            // Who changes what is gone by now must not make it again.
            throw ApiException.conflict(
                    resource.name(),
                    write.name(),
                    "Precondition failed: UID in precondition: " + meant + ", UID in object meta: ");
        }
        checkCreation(write);
        // With a version, but no uid, nobody says that it must still be the same object.
        ObjectMeta.setResourceVersion(object, "");
        ObjectNode managed = fields.update(null, object, write.fieldManager());
        ObjectNode created =
                creation.create(write.asCreation(), Versions.toStorage(resource, managed, version.version()));
        return answers.object(request, 201, resource, version, created);
    }

    /** An update or an apply of what is not there is a creation, for which the request has not been authorized. */
    private void checkCreation(Write write) {
        writes.creation(
                write.user(), write.resource().name(), write.version().version(), write.namespace(), write.name());
    }

    private void checkContent(Write write, ObjectNode object, @Nullable ObjectNode old, FieldErrors errors)
            throws InterruptedException {
        if (write.subresource().isEmpty()) {
            writes.content(write.user(), write.resource().name(), write.namespace(), write.name(), object, old);
        } else if (old != null) {
            claims.check(write.attributes(), object, old, errors);
        }
    }

    private ApiResponse patch(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        String contentType = request.headers().first("Content-Type");
        PatchType type = PatchType.of(contentType == null ? "" : contentType, resource.custom());
        WriteOptions options = WriteOptions.forPatch(request.query(), type == PatchType.APPLY);
        var _ = answers.negotiate(request, resource);
        Write write = write(request, resource, version, options, "UpdateOptions");
        FieldManager fields = fieldManager(write);
        return type == PatchType.APPLY
                ? apply(request, write, fields, options)
                : change(request, write, fields, options, Patching.read(request, type, version));
    }

    private ApiResponse change(
            ApiRequest request, Write write, FieldManager fields, WriteOptions options, Patching patch)
            throws InterruptedException {
        Resource resource = write.resource();
        ServedVersion version = write.version();
        Update.Change change = old -> {
            ObjectNode live = Versions.fromStorage(resource, old.deepCopy(), version.version());
            List<String> problems = new ArrayList<>(patch.problems());
            ObjectNode patched = incoming.inForm(
                    request,
                    resource,
                    version,
                    patch.apply(live),
                    options.fieldValidation(),
                    problems,
                    why -> patch.refusal(live, why));
            ObjectNode managed = fields.update(live, patched, write.fieldManager());
            return Versions.toStorage(resource, managed, version.version());
        };
        Update.Updated updated = update.update(write, partOf(write), Preconditions.NONE, change);
        if (updated == null) {
            throw ApiException.notFound(resource.name(), write.name());
        }
        return answers.object(request, 200, resource, version, updated.object());
    }

    private ApiResponse apply(ApiRequest request, Write write, FieldManager fields, WriteOptions options)
            throws InterruptedException {
        Resource resource = write.resource();
        ServedVersion version = write.version();
        List<String> duplicates = new ArrayList<>();
        byte[] body = request.body().bytes(Incoming.BYTES_MAX);
        request.audit().patches(body, true);
        ObjectNode config = configs.read(body, duplicates);
        Incoming.place(request, resource, config);
        Update.Change change = old -> applied(
                request,
                write,
                fields,
                options,
                duplicates,
                config,
                Versions.fromStorage(resource, old.deepCopy(), version.version()));
        Update.Updated updated = update.update(write, partOf(write), Preconditions.NONE, change);
        if (updated != null) {
            return answers.object(request, 200, resource, version, updated.object());
        }
        if (!write.subresource().isEmpty()) {
            throw ApiException.notFound(resource.name(), write.name());
        }
        if (!ObjectMeta.uid(config).isEmpty()) {
            throw ApiException.conflict(
                    resource.name(),
                    write.name(),
                    "uid mismatch: the provided object specified uid " + ObjectMeta.uid(config)
                            + ", and no existing object was found");
        }
        checkCreation(write);
        ObjectNode created =
                creation.create(write.asCreation(), applied(request, write, fields, options, duplicates, config, null));
        return answers.object(request, 201, resource, version, created);
    }

    private ObjectNode applied(
            ApiRequest request,
            Write write,
            FieldManager fields,
            WriteOptions options,
            List<String> duplicates,
            ObjectNode config,
            @Nullable ObjectNode live) {
        Resource resource = write.resource();
        ServedVersion version = write.version();
        ObjectNode merged = fields.apply(live, config, write.fieldManager(), options.forced());
        ObjectNode formed =
                incoming.appliedInForm(request, resource, version, merged, options.fieldValidation(), duplicates);
        return Versions.toStorage(resource, formed, version.version());
    }

    private ApiResponse delete(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        DeleteOptions options = deleteOptions(request);
        warnOfDeletion(request, resource, options);
        Write write = deletion(request, resource, version, options);
        Deletion.Deleted deleted = deletion.delete(write, options);
        if (!deleted.removed() || resource.strategy().returnsDeleted()) {
            int code = !deleted.removed() && Boolean.FALSE.equals(options.orphanDependents()) ? 202 : 200;
            return answers.object(request, code, resource, version, deleted.object());
        }
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Success");
        ObjectNode details = status.putObject("details").put("name", write.name());
        if (!resource.name().group().isEmpty()) {
            details.put("group", resource.name().group());
        }
        details.put("kind", resource.name().resource()).put("uid", ObjectMeta.uid(deleted.object()));
        return answers.plain(request, 200, status);
    }

    private static void warnOfDeletion(ApiRequest request, Resource resource, DeleteOptions options) {
        String warning = resource.strategy().deletionWarning();
        if (!warning.isEmpty() && options.propagation() == null && options.orphanDependents() == null) {
            request.warn(warning);
        }
    }

    private Write deletion(ApiRequest request, Resource resource, ServedVersion version, DeleteOptions options) {
        return Write.of(
                request,
                resource,
                version,
                options.dryRun(),
                "",
                options.toTree(),
                backend.clock().instant());
    }

    private DeleteOptions deleteOptions(ApiRequest request) {
        byte[] body = request.body().bytes(Incoming.BYTES_MAX);
        if (body.length == 0) {
            return DeleteOptions.parse(request.query());
        }
        try {
            ObjectNode options = switch (MediaTypes.ALL.body(request)) {
                case JSON -> Json.parseObject(body);
                case YAML -> configs.read(body, new ArrayList<>());
                case PROTOBUF -> KubernetesProtobuf.decode(body);
            };
            String kind = ObjectMeta.kind(options);
            if (!kind.isEmpty() && !kind.equals("DeleteOptions")) {
                throw ApiException.badRequest("decoded object cannot be converted to DeleteOptions");
            }
            request.audit().carries(options);
            return DeleteOptions.parse(options);
        } catch (MalformedException e) {
            throw ApiException.badRequest(e.message());
        }
    }

    private ApiResponse deleteCollection(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        DeleteOptions options = deleteOptions(request);
        warnOfDeletion(request, resource, options);
        ListOptions listOptions = ListOptions.parse(request.query(), false);
        Selectors selectors = Selectors.of(request, resource, listOptions);
        String namespace = request.info().namespace();
        CacheSnapshot snapshot = caches.of(resource).consistentSnapshot();
        List<CacheEntry> found = snapshot.list(
                        namespace,
                        "",
                        listOptions.limit(),
                        WatchRequest.selection(namespace, selectors.labels(), selectors.fields()))
                .entries();
        ObjectNode list = Json.object()
                .put("kind", resource.listKind())
                .put("apiVersion", kind(resource, version).groupVersion().toString());
        list.putObject("metadata").put("resourceVersion", Long.toString(snapshot.revision()));
        ArrayNode items = list.putArray("items");
        Map<String, ObjectNode> gone = new ConcurrentSkipListMap<>();
        Workers.work(found, deletionWorkers, entry -> {
            Write write = deletion(request, resource, version, options).at(entry.namespace(), entry.name());
            try {
                Deletion.Deleted deleted = deletion.delete(write, options);
                gone.put(entry.key(), Versions.fromStorage(resource, deleted.object(), version.version()));
            } catch (ApiException e) {
                if (e.code() != 404) {
                    throw e;
                }
            }
        });
        gone.values().forEach(items::add);
        return answers.plain(request, 200, list);
    }

    private static GroupVersionKind kind(Resource resource, ServedVersion version) {
        return new GroupVersionKind(
                resource.name().group(), version.version(), resource.kind().kind());
    }

    private Write write(
            ApiRequest request, Resource resource, ServedVersion version, WriteOptions options, String kindOfOptions) {
        return Write.of(
                request,
                resource,
                version,
                options,
                kindOfOptions,
                backend.clock().instant());
    }

    private static Part partOf(Write write) {
        return Part.of(write.resource(), write.subresource());
    }

    private FieldManager fieldManager(Write write) {
        return partOf(write).managers(write, backend.clock());
    }
}
