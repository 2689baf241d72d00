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
import io.keelson.apiserver.object.JsonWriter;
import io.keelson.apiserver.protobuf.MessageEncoder;
import io.keelson.apiserver.protobuf.ProtobufLists;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lists objects: takes a snapshot as fresh as was asked for, selects from it, and puts the bytes of its objects one behind
 * the other: where nothing has to be converted, as they were encoded when they came into the cache; else as they were
 * encoded for somebody else lately, or anew. Only lists for people, indented or in YAML, are put together as trees.
 *
 * <p>A list leaves nothing behind that would push out what others use: what it encodes is not held.
 */
final class Listing {
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
        return new Answer(request, resource, version, negotiated, metadata, page.entries(), cache).response();
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

    /** A list out of a cache. */
    private final class Answer {
        private final ApiRequest request;
        private final Resource resource;
        private final ServedVersion version;
        private final Negotiated negotiated;
        private final ObjectNode metadata;
        private final List<CacheEntry> entries;
        private final boolean holdTrees;

        Answer(
                ApiRequest request,
                Resource resource,
                ServedVersion version,
                Negotiated negotiated,
                ObjectNode metadata,
                List<CacheEntry> entries,
                ResourceCache cache) {
            this.request = request;
            this.resource = resource;
            this.version = version;
            this.negotiated = negotiated;
            this.metadata = metadata;
            this.entries = entries;
            this.holdTrees = cache.hasRoomForTreesOf(entries);
        }

        ApiResponse response() {
            GroupVersionKind as = negotiated.as();
            boolean forPeople =
                    negotiated.type() == MediaType.YAML || (negotiated.type() == MediaType.JSON && negotiated.pretty());
            if (forPeople) {
                return objects(
                        request,
                        resource,
                        version,
                        negotiated,
                        metadata,
                        entries.stream().map(this::object).toList());
            }
            if (as != null && Tables.isTable(as)) {
                return table(as);
            }
            SentForm form =
                    new SentForm(resource, version, negotiated.type(), as == null ? null : Tables.partialOf(as));
            return Answers.whole(200, negotiated, form.isProtobuf() ? protobuf(form) : json(form));
        }

        /** The object whole, in the client's version. */
        private ObjectNode object(CacheEntry entry) {
            return Versions.spoken(resource, entry, version.version(), holdTrees);
        }

        private ObjectNode head() {
            GroupVersionKind as = negotiated.as();
            return Listing.head(as == null ? listKind(resource, version) : as, metadata);
        }

        private List<ByteBuffer> json(SentForm form) {
            JsonWriter out = new JsonWriter().raw("{").fields(head()).raw(",\"items\":[");
            // In lists of a built-in kind, objects do without what the list says for all of them.
            boolean typed = resource.custom() || negotiated.as() != null;
            for (int i = 0; i < entries.size(); i++) {
                CacheEntry entry = entries.get(i);
                out.raw(i == 0 ? "" : ",");
                byte[] held = form.isStored() || typed ? form.held(entry) : null;
                if (held == null) {
                    ObjectNode object = form.object(entry, holdTrees);
                    var _ = typed ? out.value(object) : out.untyped(object);
                } else if (typed) {
                    out.encoded(held, 0, held.length);
                } else {
                    int from = entry.bodyOffset();
                    out.raw("{").encoded(held, from, held.length - from);
                }
            }
            return out.raw("]}\n").pieces();
        }

        private List<ByteBuffer> protobuf(SentForm form) {
            MessageEncoder encoder = null;
            List<byte[]> items = new ArrayList<>(entries.size());
            for (CacheEntry entry : entries) {
                byte[] item = form.held(entry);
                if (item == null) {
                    encoder = encoder == null ? new MessageEncoder(form.kind(), entry.sizeBytes()) : encoder;
                    item = encoder.encode(form.object(entry, holdTrees));
                }
                items.add(item);
            }
            return ProtobufLists.parts(head(), items);
        }

        private ApiResponse table(GroupVersionKind as) {
            TableOptions include = TableOptions.parse(request.query());
            ObjectNode head = Tables.head(as, metadata, version.columns(), true);
            JsonWriter out = new JsonWriter().raw("{").fields(head).raw(",\"rows\":[");
            Instant now = clock.instant();
            for (int i = 0; i < entries.size(); i++) {
                out.raw(i == 0 ? "" : ",")
                        .value(Tables.row(as, version.columns(), object(entries.get(i)), include, now));
            }
            return Answers.whole(200, negotiated, out.raw("]}\n").pieces());
        }
    }

    private static GroupVersionKind listKind(Resource resource, ServedVersion version) {
        return new GroupVersionKind(resource.name().group(), version.version(), resource.listKind());
    }

    /** What a list begins with. */
    private static ObjectNode head(GroupVersionKind kind, ObjectNode metadata) {
        ObjectNode head = Json.object()
                .put("kind", kind.kind())
                .put("apiVersion", kind.groupVersion().toString());
        head.set("metadata", metadata);
        return head;
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
            list = head(listKind(resource, version), metadata);
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
}
