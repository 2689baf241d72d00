package io.keelson.controllers.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Of an object, what must be known to delete it at the right time.
 *
 * @param namespace empty for an object of the cluster
 * @param beingDeleted whether somebody has asked for its deletion
 */
public record Metadata(
        String uid,
        String namespace,
        String name,
        String resourceVersion,
        boolean beingDeleted,
        List<String> finalizers,
        List<Owner> owners) {
    /** Its dependents are to be deleted before it is. */
    public static final String FOREGROUND = "foregroundDeletion";

    /** Its dependents are to be left alone when it is deleted. */
    public static final String ORPHAN = "orphan";

    public Metadata {
        finalizers = List.copyOf(finalizers);
        owners = List.copyOf(owners);
    }

    /** Whether it is being deleted, and its dependents are to go first. */
    public boolean deletesDependents() {
        return beingDeleted && finalizers.contains(FOREGROUND);
    }

    /** Whether it is being deleted, and its dependents are to be set free first. */
    public boolean orphansDependents() {
        return beingDeleted && finalizers.contains(ORPHAN);
    }

    /**
     * What stands in an object.
     *
     * @param object of which only {@code metadata} is looked at
     */
    static Metadata of(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        List<String> finalizers = new ArrayList<>();
        metadata.path("finalizers")
                .forEach(finalizer -> finalizers.add(finalizer.asText("").intern()));
        List<Owner> owners = new ArrayList<>();
        for (JsonNode owner : metadata.path("ownerReferences")) {
            // Few values stand in many objects: they are kept once.
            owners.add(new Owner(
                    owner.path("apiVersion").asText("").intern(),
                    owner.path("kind").asText("").intern(),
                    owner.path("name").asText(""),
                    owner.path("uid").asText(""),
                    truth(owner.path("controller")),
                    truth(owner.path("blockOwnerDeletion"))));
        }
        return new Metadata(
                metadata.path("uid").asText(""),
                metadata.path("namespace").asText("").intern(),
                metadata.path("name").asText(""),
                metadata.path("resourceVersion").asText(""),
                metadata.hasNonNull("deletionTimestamp"),
                finalizers,
                owners);
    }

    private static @Nullable Boolean truth(JsonNode value) {
        return value.isBoolean() ? value.booleanValue() : null;
    }
}
