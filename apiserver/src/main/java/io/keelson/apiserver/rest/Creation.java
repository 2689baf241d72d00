package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.GeneratedNames;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Reservation;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Creates objects: metadata is filled in, admission may change the object, the kind brings it into its first state, and once
 * it has been judged it is written, if there is none under its name.
 */
final class Creation {
    /** How often another name is made up when one is taken. */
    private static final int NAMES_MAX = 8;

    private final Backend backend;
    private final ContentCheck check;

    Creation(Backend backend, ContentCheck check) {
        this.backend = backend;
        this.check = check;
    }

    /**
     * Creates an object.
     *
     * @param object as it came in, in the storage version, with its defaults; is changed
     * @return the object as it was stored, or would have been in a dry run
     */
    ObjectNode create(Write write, ObjectNode object) throws InterruptedException {
        Resource resource = write.resource();
        fillIn(write, object);
        String generateName = ObjectMeta.generateName(object);
        boolean madeUp = ObjectMeta.name(object).isEmpty() && !generateName.isEmpty();
        for (int attempt = 1; ; attempt++) {
            ObjectNode candidate = madeUp ? object.deepCopy() : object;
            if (madeUp) {
                ObjectMeta.setName(candidate, GeneratedNames.from(generateName));
            }
            ObjectNode created = tryToCreate(write, candidate);
            if (created != null) {
                return created;
            }
            if (generateName.isEmpty()) {
                throw ApiException.alreadyExists(resource.name(), ObjectMeta.name(candidate));
            }
            // Who gives both is told the same, but has no other name made up.
            if (!madeUp || attempt == NAMES_MAX) {
                throw ApiException.noUniqueName(resource.name(), ObjectMeta.name(candidate));
            }
        }
    }

    private static void fillIn(Write write, ObjectNode object) {
        Resource resource = write.resource();
        if (!ObjectMeta.resourceVersion(object).isEmpty()) {
            throw ApiException.badRequest("resourceVersion should not be set on objects to be created");
        }
        ObjectNode metadata = ObjectMeta.metadata(object);
        if (resource.namespaced()) {
            ObjectMeta.setNamespace(object, write.namespace());
        } else {
            metadata.remove("namespace");
        }
        metadata.remove("selfLink");
        ObjectMeta.setDeletionTimestamp(object, null);
        ObjectMeta.setDeletionGracePeriodSeconds(object, null);
        ObjectMeta.setUid(object, UUID.randomUUID().toString());
        ObjectMeta.setCreationTimestamp(object, write.now());
        if (resource.strategy().countsGenerations()) {
            ObjectMeta.setGeneration(object, 1);
        } else {
            metadata.remove("generation");
        }
    }

    private static void requireNamespace(Write write, ObjectNode object) {
        if (!ObjectMeta.namespace(object).equals(write.resource().namespaced() ? write.namespace() : "")) {
            throw ApiException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    private @Nullable ObjectNode tryToCreate(Write write, ObjectNode candidate) throws InterruptedException {
        Resource resource = write.resource();
        AdmissionRequest admission = new AdmissionRequest(
                AdmissionRequest.Operation.CREATE,
                resource,
                write.subresource(),
                write.kind(),
                write.namespace(),
                ObjectMeta.name(candidate),
                candidate,
                null,
                write.options(),
                write.user(),
                write.dryRun(),
                write.warnings(),
                write.auditAnnotations());
        backend.admission().mutate(admission);
        ObjectNode object = admission.object();
        if (object == null) {
            throw new IllegalStateException("admission left nothing to create");
        }
        requireNamespace(write, object);
        FieldErrors content = new FieldErrors();
        check.check(write, object, null, content);
        resource.strategy().dropDisabled(object, null);
        backend.disabled().drop(resource, object, null);
        // Kinds put the name into other places and derive things from what plugins filled in.
        resource.strategy().prepareForCreate(write.context(), object);
        try (Reservation held = admission.held();
                Reservation allocated = backend.allocators().of(resource).forCreate(write.context(), object)) {
            Reservation reservation = Reservation.both(allocated, held);
            backend.judgement().ofNew(resource, object, content, write.warnings());
            backend.admission().validate(admission);
            String key = backend.keys().key(resource, write.namespace(), ObjectMeta.name(object));
            if (write.dryRun()) {
                return backend.store().get(key) == null ? object : null;
            }
            byte[] bytes = backend.encoded(resource, object);
            long seconds = backend.timeToLive().seconds(resource);
            long revision = Allocators.write(reservation, () -> backend.store().create(key, bytes, seconds));
            if (revision == 0) {
                return null;
            }
            reservation.commit();
            ObjectMeta.setResourceVersion(object, revision);
            return object;
        }
    }
}
