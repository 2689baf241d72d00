package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.EntryForm;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.protobuf.MessageEncoder;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import org.jspecify.annotations.Nullable;

/**
 * The form in which a client is sent the objects of a resource one by one, in lists and events: as JSON, or as the bare
 * message of their kind; in its version; whole, or their metadata alone. Immutable; any thread.
 */
final class SentForm {
    private final Resource resource;
    private final String version;
    private final EntryForm form;
    private final GroupVersionKind kind;
    private final boolean sameAsStored;

    /**
     * A form of objects.
     *
     * @param type JSON or protobuf
     * @param as PartialObjectMetadata; null for the objects' own kind
     */
    SentForm(Resource resource, ServedVersion version, MediaType type, @Nullable GroupVersionKind as) {
        this.resource = resource;
        this.version = version.version();
        this.form = new EntryForm(version.version(), type, as);
        this.kind = as != null
                ? as
                : new GroupVersionKind(
                        resource.name().group(),
                        version.version(),
                        resource.kind().kind());
        this.sameAsStored = Versions.sameAsStored(resource, version.version());
    }

    /** The kind that the objects are sent as. */
    GroupVersionKind kind() {
        return kind;
    }

    boolean isProtobuf() {
        return form.type() == MediaType.PROTOBUF;
    }

    /** Whether entries have their bytes in this form anyway. */
    boolean isStored() {
        return sameAsStored && form.type() == MediaType.JSON && form.as() == null;
    }

    /** The bytes of an object, encoded once for all who are sent it about now. Not to be changed. */
    byte[] shared(CacheEntry entry) {
        return isStored() ? entry.encoded() : entry.encoded(form, made -> encode(made, true));
    }

    /** The bytes of an object, for one who is sent very many. Not to be changed. */
    byte[] passing(CacheEntry entry) {
        byte[] held = held(entry);
        return held == null ? encode(entry, false) : held;
    }

    /** The bytes of an object, if they are there; else null. Not to be changed. */
    byte @Nullable [] held(CacheEntry entry) {
        return isStored() ? entry.encoded() : entry.held(form);
    }

    private byte[] encode(CacheEntry entry, boolean holdTree) {
        ObjectNode object = object(entry, holdTree);
        return isProtobuf() ? new MessageEncoder(kind, entry.sizeBytes()).encode(object) : Json.encode(object);
    }

    /**
     * What is to be written of an object. Not to be changed.
     *
     * @param holdTree whether its entry holds the tree if one has to be made
     */
    ObjectNode object(CacheEntry entry, boolean holdTree) {
        GroupVersionKind as = form.as();
        if (as != null && sameAsStored && !holdTree) {
            return Tables.partial(as, entry);
        }
        ObjectNode object = Versions.spoken(resource, entry, version, holdTree);
        return as == null ? object : Tables.partial(as, object);
    }
}
