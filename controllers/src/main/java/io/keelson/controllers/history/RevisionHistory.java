package io.keelson.controllers.history;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Claimable;
import io.keelson.controllers.objects.Claims;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.runtime.Cache;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The revisions of workloads, in the API. */
public final class RevisionHistory {
    private final KubernetesClient client;
    private final Claimable<ControllerRevision> claimable;

    /** Reads a cache that has not started yet, and writes through a client. */
    public RevisionHistory(KubernetesClient client, Cache<ControllerRevision> revisions) {
        this.client = client;
        this.claimable = new Claimable<>(revisions);
    }

    /** The revisions of an owner by number, after adopting those that it selects and releasing those that it does not. */
    public List<ControllerRevision> of(HasMetadata owner, Predicate<Map<String, String>> selected) {
        Claims<ControllerRevision> claims = new Claims<>(client, owner, selected, revision -> true);
        return Revisions.sorted(claims.of(claimable.by(owner)));
    }

    /**
     * Creates a revision, or finds it if it was created before.
     *
     * @return null if there is one of that name that says something else or belongs to somebody else
     */
    public @Nullable ControllerRevision create(ControllerRevision draft, HasMetadata owner) {
        try {
            return client.resource(draft).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            ControllerRevision found = client.resource(draft).get();
            if (found == null) {
                // It is gone again: the next try creates it.
                throw e;
            }
            return Owners.isControlledBy(found, owner)
                            && RevisionContent.of(found).equals(RevisionContent.of(draft))
                    ? found
                    : null;
        }
    }

    /** Gives a revision another number, as one that is gone back to becomes the latest; what the server made of it. */
    public ControllerRevision renumber(ControllerRevision revision, long number) {
        if (Revisions.number(revision) == number) {
            return revision;
        }
        return client.resource(new ControllerRevisionBuilder(revision)
                        .withRevision(number)
                        .build())
                .update();
    }

    /** Gives a revision a label; what the server made of it. */
    public ControllerRevision label(ControllerRevision revision, String label, String value) {
        return client.resource(new ControllerRevisionBuilder(revision)
                        .editMetadata()
                        .addToLabels(label, value)
                        .endMetadata()
                        .build())
                .update();
    }

    /** Deletes revisions. */
    public void delete(List<ControllerRevision> revisions) {
        for (ControllerRevision revision : revisions) {
            Deletion.of(client, revision);
        }
    }
}
