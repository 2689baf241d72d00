package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.DeleteOptions;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.store.ObjectStore.Outcome;
import io.keelson.apiserver.store.StoredValue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deletes objects: at once if nothing stands against it; otherwise the object is marked, and goes when its grace period has
 * been ended by whoever runs it and its finalizers have been taken away by those who put them there.
 */
final class Deletion {
    private static final int ATTEMPTS_MAX = 64;

    private final Backend backend;

    Deletion(Backend backend) {
        this.backend = backend;
    }

    /**
     * What came of it.
     *
     * @param object as it was last, or as it is now
     * @param removed whether it is gone
     */
    record Deleted(ObjectNode object, boolean removed) {}

    /** @throws ApiException NotFound; Conflict if a precondition does not hold */
    Deleted delete(Write write, DeleteOptions options) throws InterruptedException {
        Resource resource = write.resource();
        String key = backend.keys().key(resource, write.namespace(), write.name());
        Preconditions preconditions =
                new Preconditions(options.preconditionUid(), options.preconditionResourceVersion());
        Backend.Stored now = write.dryRun()
                ? backend.read(resource, write.namespace(), write.name())
                : backend.lately(resource, write.namespace(), write.name());
        for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
            if (now == null) {
                throw ApiException.notFound(resource.name(), write.name());
            }
            ObjectNode old = now.object();
            try {
                preconditions.checkDeletion(resource, old);
                admit(write, old);
            } catch (ApiException e) {
                now = backend.newer(now, resource, write.namespace(), write.name(), e);
                continue;
            }
            ObjectNode marked = marked(write, options, old);
            boolean remove = mayGo(resource, marked);
            // What goes at once was never marked, as far as anybody can see.
            ObjectNode last = remove ? old.deepCopy() : marked;
            boolean nothingToDo = !remove && marked.equals(old);
            if (nothingToDo && !now.wasRead()) {
                now = backend.read(resource, write.namespace(), write.name());
                continue;
            }
            if (write.dryRun() || nothingToDo) {
                return new Deleted(last, remove);
            }
            long expected = now.revision();
            Outcome outcome = remove
                    ? backend.store().delete(key, expected)
                    : backend.store()
                            .update(
                                    key,
                                    backend.encoded(resource, marked),
                                    expected,
                                    backend.timeToLive().seconds(resource));
            switch (outcome) {
                case Outcome.Done done -> {
                    ObjectMeta.setResourceVersion(last, done.revision());
                    if (remove) {
                        backend.allocators().of(resource).release(last);
                    }
                    return new Deleted(last, remove);
                }
                case Outcome.Changed changed -> {
                    StoredValue value = changed.now();
                    now = value == null ? null : backend.decoded(resource, value);
                }
            }
        }
        throw ApiException.conflict(resource.name(), write.name(), "the object is changed by others all the time");
    }

    private void admit(Write write, ObjectNode old) throws InterruptedException {
        AdmissionRequest admission = new AdmissionRequest(
                AdmissionRequest.Operation.DELETE,
                write.resource(),
                write.subresource(),
                write.kind(),
                write.namespace(),
                write.name(),
                null,
                old,
                write.options(),
                write.user(),
                write.dryRun(),
                write.warnings(),
                write.auditAnnotations());
        backend.admission().mutate(admission);
        backend.admission().validate(admission);
    }

    /** The object as the deletion leaves it, if it does not go at once. */
    private static ObjectNode marked(Write write, DeleteOptions options, ObjectNode old) {
        ObjectNode object = old.deepCopy();
        List<String> finalizers =
                Finalizers.forDeletion(old, options, write.resource().strategy().garbageCollection());
        if (!finalizers.equals(ObjectMeta.finalizers(old))) {
            ObjectMeta.setFinalizers(object, finalizers);
        }
        Long asked = grace(options);
        long grace = Math.max(0, write.resource().strategy().gracePeriodSeconds(old, asked == null ? -1 : asked));
        if (!ObjectMeta.isBeingDeleted(old)) {
            setDeletion(object, write.now().plusSeconds(grace), grace);
            if (ObjectMeta.generation(object) > 0) {
                ObjectMeta.setGeneration(object, ObjectMeta.generation(object) + 1);
            }
            write.resource().strategy().prepareForDeletion(object, old);
            return object;
        }
        Long before = ObjectMeta.deletionGracePeriodSeconds(old);
        if (before != null && asked != null && grace < before) {
            // A deletion under way can be hurried, not put off; it counts from when it was first asked for.
            Instant since = Instant.parse(ObjectMeta.deletionTimestamp(old)).minus(Duration.ofSeconds(before));
            Instant end = since.plusSeconds(grace);
            setDeletion(object, end.isBefore(write.now()) && grace == 0 ? write.now() : end, grace);
        }
        return object;
    }

    /** How many seconds were asked for; what is below zero means one, as it does in pods. Null if nothing was said. */
    private static @Nullable Long grace(DeleteOptions options) {
        Long asked = options.gracePeriodSeconds();
        return asked != null && asked < 0 ? (Long) 1L : asked;
    }

    private static void setDeletion(ObjectNode object, Instant at, long graceSeconds) {
        ObjectMeta.setDeletionTimestamp(object, at);
        ObjectMeta.setDeletionGracePeriodSeconds(object, graceSeconds);
    }

    private static boolean mayGo(Resource resource, ObjectNode marked) {
        Long grace = ObjectMeta.deletionGracePeriodSeconds(marked);
        return ObjectMeta.finalizers(marked).isEmpty()
                && !resource.strategy().holdsUpDeletion(marked)
                && (grace == null || grace == 0);
    }
}
