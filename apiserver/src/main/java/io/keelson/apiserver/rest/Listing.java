package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CachePage;
import io.keelson.apiserver.cache.CacheSnapshot;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.ListOptions;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import io.keelson.apiserver.request.TableOptions;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.store.StoreErrors;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lists objects: takes a snapshot as fresh as was asked for, selects from it, and, where nothing has to be converted, puts
 * the bytes of its objects one behind the other as they were encoded when they came into the cache.
 */
final class Listing {
    private static final byte[] COMMA = {','};
    private static final byte[] OPEN = {'{'};
    private static final byte[] END = "]}\n".getBytes(StandardCharsets.US_ASCII);

    private final Formats formats;
    private final InstantSource clock;

    Listing(Formats formats, InstantSource clock) {
        this.formats = formats;
        this.clock = clock;
    }

    ApiResponse list(ApiRequest request, Resource resource, ServedVersion version, ResourceCache cache)
            throws InterruptedException {
        Negotiated negotiated = negotiate(request, resource);
        ListOptions options = ListOptions.parse(request.query(), false);
        Selectors selectors = Selectors.of(request, resource, options);
        String namespace = request.info().namespace();
        ContinueToken token = options.continueToken().isEmpty() ? null : ContinueToken.decode(options.continueToken());
        Predicate<CacheEntry> selected = WatchRequest.selection(namespace, selectors.labels(), selectors.fields());
        CachePage page = page(cache, options, token, namespace, selected);
        ObjectNode metadata = metadata(page, cache.resource().prefix(namespace));
        boolean asStored = negotiated.as() == null
                && negotiated.type() == MediaType.JSON
                && !negotiated.pretty()
                && Versions.sameAsStored(resource, version.version());
        return asStored
                ? concatenated(resource, version, metadata, page.entries())
                : objects(
                        request,
                        resource,
                        version,
                        negotiated,
                        metadata,
                        page.entries().stream()
                                .map(entry -> inVersion(resource, version, entry))
                                .toList());
    }

    private static CachePage page(
            ResourceCache cache,
            ListOptions options,
            @Nullable ContinueToken token,
            String namespace,
            @Nullable Predicate<CacheEntry> selected)
            throws InterruptedException {
        if (token == null) {
            long revision =
                    options.resourceVersion().isEmpty() ? -1 : ResourceVersions.parse(options.resourceVersion());
            return options.exact()
                    ? cache.listAt(revision, namespace, "", options.limit(), selected)
                    : snapshot(cache, revision).list(namespace, "", options.limit(), selected);
        }
        if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals("0")) {
            throw ApiException.badRequest("specifying resource version is not allowed when using continue");
        }
        String after = cache.resource().prefix(namespace) + token.after();
        if (token.revision() < 0) {
            return cache.consistentSnapshot().list(namespace, after, options.limit(), selected);
        }
        try {
            return cache.listAt(token.revision(), namespace, after, options.limit(), selected);
        } catch (ApiException e) {
            throw e.reason() == Reason.EXPIRED
                    ? StoreErrors.continueExpired(new ContinueToken(-1, token.after()).encode())
                    : e;
        }
    }

    /** @param notOlderThan -1 for all that was written before; 0 for whatever is here */
    private static CacheSnapshot snapshot(ResourceCache cache, long notOlderThan) throws InterruptedException {
        if (notOlderThan < 0) {
            return cache.consistentSnapshot();
        }
        return notOlderThan == 0 ? cache.snapshot() : cache.snapshotNotOlderThan(notOlderThan);
    }

    private static ObjectNode metadata(CachePage page, String prefix) {
        ObjectNode metadata = Json.object();
        metadata.put("resourceVersion", Long.toString(page.revision()));
        if (page.more()) {
            String last = page.entries().getLast().key().substring(prefix.length());
            metadata.put("continue", new ContinueToken(page.revision(), last).encode());
            if (page.remaining() > 0) {
                metadata.put("remainingItemCount", page.remaining());
            }
        }
        return metadata;
    }

    private static ApiResponse concatenated(
            Resource resource, ServedVersion version, ObjectNode metadata, List<CacheEntry> entries) {
        String groupVersion = new GroupVersionKind(resource.name().group(), version.version(), resource.listKind())
                .groupVersion()
                .toString();
        String head = "{\"kind\":\"" + resource.listKind() + "\",\"apiVersion\":\"" + groupVersion + "\",\"metadata\":"
                + Json.text(metadata) + ",\"items\":[";
        List<ByteBuffer> parts = new ArrayList<>(3 * entries.size() + 2);
        parts.add(ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8)));
        for (int i = 0; i < entries.size(); i++) {
            CacheEntry entry = entries.get(i);
            if (i > 0) {
                parts.add(ByteBuffer.wrap(COMMA));
            }
            byte[] encoded = entry.encoded();
            if (resource.custom()) {
                parts.add(ByteBuffer.wrap(encoded));
            } else {
                parts.add(ByteBuffer.wrap(OPEN));
                parts.add(ByteBuffer.wrap(encoded, entry.bodyOffset(), encoded.length - entry.bodyOffset()));
            }
        }
        parts.add(ByteBuffer.wrap(END));
        return new ApiResponse.Whole(200, Map.of("Content-Type", "application/json"), parts);
    }

    /** The form of the answer to a request for a list. */
    static Negotiated negotiate(ApiRequest request, Resource resource) {
        return Answers.negotiate(request, resource, as -> Tables.isTable(as) || Tables.isPartialList(as));
    }

    /**
     * A list of objects in the version the client speaks.
     *
     * @param metadata of the list
     */
    ApiResponse objects(
            ApiRequest request,
            Resource resource,
            ServedVersion version,
            Negotiated negotiated,
            ObjectNode metadata,
            List<ObjectNode> objects) {
        GroupVersionKind as = negotiated.as();
        ObjectNode list;
        if (as != null && Tables.isTable(as)) {
            list = Tables.table(
                    as,
                    metadata,
                    version.columns(),
                    objects,
                    TableOptions.parse(request.query()),
                    true,
                    clock.instant());
        } else if (as != null) {
            list = Tables.partialList(as, metadata, objects);
        } else {
            list = Json.object()
                    .put("kind", resource.listKind())
                    .put(
                            "apiVersion",
                            new GroupVersionKind(resource.name().group(), version.version(), "")
                                    .groupVersion()
                                    .toString());
            list.set("metadata", metadata);
            var items = list.putArray("items");
            for (ObjectNode object : objects) {
                if (resource.custom()) {
                    items.add(object);
                } else {
                    ObjectNode item = Json.object();
                    object.properties().forEach(field -> {
                        if (!field.getKey().equals("kind") && !field.getKey().equals("apiVersion")) {
                            item.set(field.getKey(), field.getValue());
                        }
                    });
                    items.add(item);
                }
            }
        }
        return Answers.whole(200, negotiated, formats.encode(negotiated, list));
    }

    /** An object in the version the client speaks; the cache's own tree where nothing has to be converted. */
    static ObjectNode inVersion(Resource resource, ServedVersion version, CacheEntry entry) {
        return Versions.sameAsStored(resource, version.version())
                ? entry.tree()
                : Versions.fromStorage(resource, entry.tree().deepCopy(), version.version());
    }
}
