package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.store.ObjectStore;
import io.keelson.apiserver.store.StoredValue;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every verb needs: the store and how objects lie in it, admission, the rules that objects have to follow, what they
 * hold, and the time.
 *
 * @param form what objects look like in the store
 * @param recent knows what objects were a moment ago
 */
record Backend(
        ObjectStore store,
        StoreKeys keys,
        StoredForm form,
        Recent recent,
        AdmissionChain admission,
        Judgement judgement,
        DisabledFields disabled,
        Allocators allocators,
        TimeToLive timeToLive,
        InstantSource clock) {
    /** Reads and writes values of the store. */
    interface StoredForm {
        /**
         * Reads an object that was stored, in whatever version it was.
         *
         * @throws MalformedException if it is none
         */
        ObjectNode decode(Resource resource, byte[] value);

        /** Writes an object that is as it is to be stored, in that version. */
        byte[] encode(Resource resource, ObjectNode object);
    }

    /** Objects as they were a moment ago, without asking the store. */
    @FunctionalInterface
    interface Recent {
        /** Returns null if nothing is known of it. */
        @Nullable
        Stored find(Resource resource, String namespace, String name);
    }

    /** The same for what the server does in the course of a request that has been admitted as such. */
    Backend withoutAdmission() {
        return new Backend(
                store,
                keys,
                form,
                recent,
                new AdmissionChain(List.of()),
                judgement,
                disabled,
                allocators,
                timeToLive,
                clock);
    }

    /**
     * An object as it stands in the store, with its resource version.
     *
     * @param object a tree of its own
     * @param value what was read; null if it is what was known a moment ago, and may be something else by now
     */
    record Stored(
            ObjectNode object, long revision, @Nullable StoredValue value) {
        /** Whether it was read from the store for whoever holds it. */
        boolean wasRead() {
            return value != null;
        }
    }

    /** Reads an object; null if there is none. */
    @Nullable
    Stored read(Resource resource, String namespace, String name) throws InterruptedException {
        StoredValue value = store.get(keys.key(resource, namespace, name));
        return value == null ? null : decoded(resource, value);
    }

    /**
     * An object as it was a moment ago; as it is now, if nothing is known of it. For a write that names the revision that it
     * expects: it is told if that is not the newest one, and what is refused because of it has to be tried with
     * {@link #newer}.
     */
    @Nullable
    Stored lately(Resource resource, String namespace, String name) throws InterruptedException {
        Stored known = recent.find(resource, namespace, name);
        return known == null ? read(resource, namespace, name) : known;
    }

    /**
     * The object as it is now, if that is not how it was seen; null if there is none any more.
     *
     * @throws ApiException what was against it, if it is still as it was seen
     */
    @Nullable
    Stored newer(Stored seen, Resource resource, String namespace, String name, ApiException refusal)
            throws InterruptedException {
        if (seen.wasRead()) {
            throw refusal;
        }
        Stored now = read(resource, namespace, name);
        if (now != null && now.revision() == seen.revision()) {
            throw refusal;
        }
        return now;
    }

    /** All objects as they are now; of all namespaces, if it is empty. */
    List<ObjectNode> readAll(Resource resource, String namespace) throws InterruptedException {
        List<ObjectNode> all = new ArrayList<>();
        for (StoredValue value :
                store.list(keys.prefix(resource, namespace), "", 0, 0).values()) {
            all.add(decoded(resource, value).object());
        }
        return all;
    }

    Stored decoded(Resource resource, StoredValue value) {
        try {
            ObjectNode object = form.decode(resource, value.bytes());
            ObjectMeta.setResourceVersion(object, value.revision());
            return new Stored(object, value.revision(), value);
        } catch (MalformedException e) {
            throw ApiException.internal(
                    "unable to decode an object in the store under " + value.key() + ": " + e.message(), e);
        }
    }

    /** An object as it is stored: in that version, without its resource version, which the store itself has. */
    byte[] encoded(Resource resource, ObjectNode worked) {
        ObjectNode object = Versions.stored(resource, worked);
        ObjectNode metadata = ObjectMeta.metadata(object);
        var version = metadata.remove("resourceVersion");
        metadata.remove("selfLink");
        byte[] bytes = form.encode(resource, object);
        if (version != null) {
            metadata.set("resourceVersion", version);
        }
        return bytes;
    }
}
