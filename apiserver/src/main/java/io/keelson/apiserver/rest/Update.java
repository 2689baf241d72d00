package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.apply.ManagedFields;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.resource.Reservation;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.store.ObjectStore.Outcome;
import io.keelson.apiserver.store.StoredValue;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes objects that exist: the change is applied to what the watch cache knows, or the store holds, brought into form,
 * admitted, judged, and written if the object is still the one it was applied to. If it is not, and the client did not say
 * which one it meant, all of it is done again with the object as it is now; so it is if something is against the change of
 * an object that has not been read from the store.
 *
 * <p>A change that changes nothing, or nothing but the times at which fields were managed, writes nothing. One that takes away the last finalizer of an object that is being
 * deleted removes it.
 */
final class Update {
    private static final String MODIFIED =
            "the object has been modified; please apply your changes to the latest version and try again";

    /** How often the change is applied again to an object that others keep changing. */
    private static final int ATTEMPTS_MAX = 64;

    private final Backend backend;
    private final ContentCheck check;

    Update(Backend backend, ContentCheck check) {
        this.backend = backend;
        this.check = check;
    }

    /** Makes of an object what it is to become. */
    @FunctionalInterface
    interface Change {
        /**
         * @param old in the storage version, with its resource version; not to be changed
         * @return a tree of its own, in the storage version, with the resource version that the client meant, if it said so
         * @throws ApiException if it cannot become that
         */
        ObjectNode of(ObjectNode old) throws InterruptedException;
    }

    /** What came of it. */
    record Updated(ObjectNode object, boolean removed) {}

    /** Whether two objects are the same once they are written; the order of fields means nothing. */
    private static boolean same(ObjectNode object, byte[] bytes, ObjectNode old, byte[] oldBytes) {
        return Arrays.equals(bytes, oldBytes)
                || (bytes.length == oldBytes.length
                        && written(object).equals(SemanticEquality.SAME_NUMBERS, written(old))
                        && apiVersion(bytes).equals(apiVersion(oldBytes)));
    }

    /** In which version an object is stored; one of an older version is written anew, or nothing would ever migrate it. */
    private static String apiVersion(byte[] stored) {
        return ObjectMeta.apiVersion(
                KubernetesProtobuf.isProtobuf(stored) ? KubernetesProtobuf.decode(stored) : Json.parseObject(stored));
    }

    /** A copy down to the metadata, without what is not written. */
    private static ObjectNode written(ObjectNode object) {
        ObjectNode copy = Json.object();
        copy.setAll(object);
        if (object.get("metadata") instanceof ObjectNode metadata) {
            ObjectNode rest = Json.object();
            rest.setAll(metadata);
            rest.remove("resourceVersion");
            copy.set("metadata", rest);
        }
        return copy;
    }

    /** What is to be written, and what was taken for that. */
    private record Prepared(ObjectNode object, Reservation reservation) implements AutoCloseable {
        @Override
        public void close() {
            reservation.close();
        }
    }

    /**
     * Changes the part of an object that the write is about.
     *
     * @param part says what may change
     * @return null if there is no such object
     */
    @Nullable
    Updated update(Write write, Part part, Preconditions preconditions, Change change) throws InterruptedException {
        Resource resource = write.resource();
        // A trial has no write that would tell that it was meant for something older.
        Backend.Stored now = write.dryRun()
                ? backend.read(resource, write.namespace(), write.name())
                : backend.lately(resource, write.namespace(), write.name());
        for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
            if (now == null) {
                return null;
            }
            Prepared ready;
            try {
                ready = prepared(write, part, preconditions, change, now.object());
            } catch (ApiException e) {
                now = backend.newer(now, resource, write.namespace(), write.name(), e);
                continue;
            }
            try (Prepared prepared = ready) {
                Tried tried = tried(write, prepared, now);
                if (tried.updated() != null) {
                    return tried.updated();
                }
                now = tried.now();
            }
        }
        throw ApiException.conflict(resource.name(), write.name(), MODIFIED);
    }

    /**
     * What came of an attempt.
     *
     * @param updated null if it has to be made again
     * @param now what it is to be made with; null if the object is gone
     */
    private record Tried(@Nullable Updated updated, Backend.@Nullable Stored now) {
        static Tried done(ObjectNode object, boolean removed) {
            return new Tried(new Updated(object, removed), null);
        }
    }

    private Tried tried(Write write, Prepared prepared, Backend.Stored now) throws InterruptedException {
        Resource resource = write.resource();
        String key = backend.keys().key(resource, write.namespace(), write.name());
        ObjectNode object = prepared.object();
        ObjectNode old = now.object();
        boolean ends = endsDeletion(resource, object);
        byte[] bytes = backend.encoded(resource, object);
        StoredValue read = now.value();
        if (!ends && read == null && written(object).equals(SemanticEquality.SAME_NUMBERS, written(old))) {
            // Nothing would be written, so nothing would tell whether it is still so.
            return new Tried(null, backend.read(resource, write.namespace(), write.name()));
        }
        if (!ends && read != null && !read.stale() && same(object, bytes, old, read.bytes())) {
            return Tried.done(old, false);
        }
        if (write.dryRun()) {
            return Tried.done(object, ends);
        }
        Outcome outcome = Allocators.write(
                prepared.reservation(),
                () -> ends
                        ? backend.store().delete(key, now.revision())
                        : backend.store()
                                .update(
                                        key,
                                        bytes,
                                        now.revision(),
                                        backend.timeToLive().seconds(resource)));
        switch (outcome) {
            case Outcome.Done done -> {
                prepared.reservation().commit();
                if (ends) {
                    backend.allocators().of(resource).release(object);
                }
                ObjectMeta.setResourceVersion(object, done.revision());
                return Tried.done(object, ends);
            }
            case Outcome.Changed other -> {
                StoredValue value = other.now();
                // A patch is of what there is now; who means another state is told so with the next attempt.
                return new Tried(null, value == null ? null : backend.decoded(resource, value));
            }
        }
    }

    /** Applies the change, and takes what it needs. */
    private Prepared prepared(Write write, Part part, Preconditions preconditions, Change change, ObjectNode old)
            throws InterruptedException {
        Resource resource = write.resource();
        preconditions.check(resource, old);
        ObjectNode changed = change.of(old);
        requireThisOne(write, part, changed, old);
        AdmissionRequest admission = admitted(write, part, changed, old);
        ObjectNode object = admission.object();
        if (object == null) {
            throw new IllegalStateException("admission left nothing to update");
        }
        FieldErrors content = new FieldErrors();
        check.check(write, object, old, content);
        ManagedFields.keepTimes(object, old);
        Reservation taken = admission.held();
        boolean ready = false;
        try {
            taken = Reservation.both(reserved(write, part, object, old), taken);
            backend.judgement().ofChange(resource, part, object, old, content, write.warnings());
            backend.admission().validate(admission);
            ready = true;
            return new Prepared(object, taken);
        } finally {
            if (!ready) {
                taken.close();
            }
        }
    }

    /** What the change needs in addition; changes of parts of an object need nothing. */
    private Reservation reserved(Write write, Part part, ObjectNode object, ObjectNode old)
            throws InterruptedException {
        Resource resource = write.resource();
        boolean whole = write.subresource().isEmpty() && !part.status();
        return whole ? backend.allocators().of(resource).forUpdate(write.context(), object, old) : Reservation.NONE;
    }

    /** Refuses if the client has said that it means another state of the object. */
    private static void requireThisOne(Write write, Part part, ObjectNode object, ObjectNode old) {
        Resource resource = write.resource();
        String meant = ObjectMeta.resourceVersion(object);
        if (meant.isEmpty() || meant.equals("0")) {
            if (!part.strategy().updatesUnconditionally()) {
                FieldErrors errors = new FieldErrors();
                errors.invalid(FieldPath.of("metadata", "resourceVersion"), 0, "must be specified for an update");
                throw ApiException.invalid(resource.kind(), write.name(), errors.list());
            }
            ObjectMeta.setResourceVersion(object, ObjectMeta.resourceVersion(old));
        } else if (!meant.equals(ObjectMeta.resourceVersion(old))) {
            throw ApiException.conflict(resource.name(), write.name(), MODIFIED);
        }
    }

    private AdmissionRequest admitted(Write write, Part part, ObjectNode object, ObjectNode old)
            throws InterruptedException {
        Resource resource = write.resource();
        bringIntoForm(write, part, object, old);
        AdmissionRequest admission = new AdmissionRequest(
                AdmissionRequest.Operation.UPDATE,
                resource,
                write.subresource(),
                write.kind(),
                write.namespace(),
                write.name(),
                object,
                old,
                write.options(),
                write.user(),
                write.dryRun(),
                write.warnings(),
                write.auditAnnotations());
        backend.admission().mutate(admission);
        ObjectNode replaced = admission.object();
        if (replaced != null && admission.isReplaced()) {
            bringIntoForm(write, part, replaced, old);
        }
        return admission;
    }

    private void bringIntoForm(Write write, Part part, ObjectNode object, ObjectNode old) {
        keepWhatIsTheServers(write.resource(), write, object, old);
        backend.disabled().drop(write.resource(), object, old);
        part.prepare(write.context(), object, old);
        countGeneration(part.strategy(), object, old);
    }

    /** Metadata that a client cannot change, whatever it sends. */
    private static void keepWhatIsTheServers(Resource resource, Write write, ObjectNode object, ObjectNode old) {
        ObjectNode metadata = ObjectMeta.metadata(object);
        JsonNode before = old.path("metadata");
        metadata.remove("selfLink");
        if (!resource.namespaced()) {
            metadata.remove("namespace");
        } else if (ObjectMeta.namespace(object).isEmpty()) {
            ObjectMeta.setNamespace(object, write.namespace());
        }
        if (ObjectMeta.uid(object).isEmpty()) {
            copy(before, metadata, "uid");
        } else if (!ObjectMeta.uid(object).equals(ObjectMeta.uid(old))) {
            throw ApiException.conflict(
                    resource.name(),
                    write.name(),
                    "Precondition failed: UID in precondition: " + ObjectMeta.uid(object) + ", UID in object meta: "
                            + ObjectMeta.uid(old));
        }
        for (String field :
                List.of("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")) {
            copy(before, metadata, field);
        }
    }

    private static void copy(JsonNode from, ObjectNode to, String field) {
        JsonNode value = from.get(field);
        if (value == null) {
            to.remove(field);
        } else {
            to.set(field, value);
        }
    }

    /** A change of anything but the metadata, and for most kinds the status, is a new generation. */
    private static void countGeneration(Strategy strategy, ObjectNode object, ObjectNode old) {
        if (!strategy.countsGenerations()) {
            return;
        }
        if (!wantTheSame(strategy, object, old)) {
            ObjectMeta.setGeneration(object, ObjectMeta.generation(old) + 1);
        }
    }

    /**
     * Whether two objects are of the same generation, by all that makes one up for their kind. A number that was filled in
     * is the same as one that was read.
     */
    static boolean wantTheSame(Strategy strategy, ObjectNode object, ObjectNode old) {
        boolean status = strategy.countsStatus();
        return specification(object, status).equals(SemanticEquality.SAME_NUMBERS, specification(old, status));
    }

    private static ObjectNode specification(ObjectNode object, boolean withStatus) {
        ObjectNode rest = object.objectNode();
        object.properties().forEach(field -> {
            if (!field.getKey().equals("metadata")
                    && (withStatus || !field.getKey().equals("status"))) {
                rest.set(field.getKey(), field.getValue());
            }
        });
        return rest;
    }

    /** Whether nothing holds up the deletion of an object any more. */
    private static boolean endsDeletion(Resource resource, ObjectNode object) {
        Long grace = ObjectMeta.deletionGracePeriodSeconds(object);
        return ObjectMeta.isBeingDeleted(object)
                && ObjectMeta.finalizers(object).isEmpty()
                && !resource.strategy().holdsUpDeletion(object)
                && (grace == null || grace == 0);
    }
}
