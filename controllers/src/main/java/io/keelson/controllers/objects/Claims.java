package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Patch;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which objects are an owner's: those it controls and selects. One that it selects and nobody controls is adopted; one that
 * it controls and does not select any more is released. An owner that is being deleted adopts nothing.
 *
 * <p>Before the first adoption the owner is read from the API, past the cache: if it was deleted, or deleted and made again,
 * it must not take what belongs to the next.
 *
 * @param <T> what is claimed
 */
public final class Claims<T extends HasMetadata> {
    private final KubernetesClient client;
    private final HasMetadata owner;
    private final Predicate<Map<String, String>> selected;
    private final Predicate<T> adoptable;
    private @Nullable Boolean mayAdopt;

    /**
     * Claims for an owner.
     *
     * @param owner with its API version and kind
     * @param selected the labels it selects
     * @param adoptable what else must be true of one that it adopts
     */
    public Claims(
            KubernetesClient client,
            HasMetadata owner,
            Predicate<Map<String, String>> selected,
            Predicate<T> adoptable) {
        this.client = client;
        this.owner = owner;
        this.selected = selected;
        this.adoptable = adoptable;
    }

    /** Those of the candidates that are the owner's, after adopting and releasing. */
    public List<T> of(Collection<T> candidates) {
        List<T> claimed = new ArrayList<>();
        for (T candidate : candidates) {
            T mine = claim(candidate);
            if (mine != null) {
                claimed.add(mine);
            }
        }
        return claimed;
    }

    private @Nullable T claim(T candidate) {
        boolean matches = selected.test(OrEmpty.of(candidate.getMetadata().getLabels()));
        OwnerReference controller = Owners.controllerOf(candidate);
        boolean ownerLeaves = owner.getMetadata().getDeletionTimestamp() != null;
        if (controller != null) {
            if (!controller.getUid().equals(owner.getMetadata().getUid())) {
                return null;
            }
            if (matches) {
                return candidate;
            }
            if (!ownerLeaves) {
                release(candidate);
            }
            return null;
        }
        if (ownerLeaves
                || !matches
                || candidate.getMetadata().getDeletionTimestamp() != null
                || !adoptable.test(candidate)
                || !mayAdopt()) {
            return null;
        }
        return adopt(candidate);
    }

    private boolean mayAdopt() {
        Boolean known = mayAdopt;
        if (known == null) {
            HasMetadata fresh = client.resource(owner).get();
            known = fresh != null
                    && fresh.getMetadata().getUid().equals(owner.getMetadata().getUid())
                    && fresh.getMetadata().getDeletionTimestamp() == null;
            mayAdopt = known;
        }
        return known;
    }

    private @Nullable T adopt(T candidate) {
        return patch(
                candidate,
                Map.of(
                        "uid", candidate.getMetadata().getUid(),
                        "ownerReferences", List.of(Owners.controllerReference(owner))));
    }

    private void release(T candidate) {
        patch(
                candidate,
                Map.of(
                        "uid", candidate.getMetadata().getUid(),
                        "ownerReferences",
                                List.of(Map.of(
                                        "$patch",
                                        "delete",
                                        "uid",
                                        owner.getMetadata().getUid()))));
    }

    /** Patches the metadata of an object of this very uid; null if it is not there any more. */
    private @Nullable T patch(T candidate, Map<String, Object> metadata) {
        try {
            return Patch.of(client, candidate).strategic(Map.of("metadata", metadata));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
                    // Another object of that name, or no such reference: nothing is to be done.
                    || e.getCode() == 422) {
                return null;
            }
            throw e;
        }
    }
}
