package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.ExpectedPods;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes what a {@link Plan} says, and tells users of it by events of the set. */
final class PlanWriter {
    private final KubernetesClient client;
    private final Events events;
    private final Cache<PersistentVolumeClaim> claims;
    private final ExpectedPods expected;

    PlanWriter(KubernetesClient client, Events events, Cache<PersistentVolumeClaim> claims, ExpectedPods expected) {
        this.client = client;
        this.events = events;
        this.claims = claims;
        this.expected = expected;
    }

    /**
     * Writes a plan, up to its first failure.
     *
     * @throws RuntimeException the failure
     */
    void write(StatefulSet set, Plan plan) throws InterruptedException {
        Key key = Key.of(set);
        for (Upkeep upkeep : plan.upkeep()) {
            keepUp(set, upkeep);
        }
        expected.create(
                key, plan.creations().size(), i -> create(set, plan.creations().get(i)));
        for (Upkeep upkeep : plan.condemned()) {
            keepUp(set, upkeep);
        }
        expected.delete(key, plan.allDeletions(), pod -> delete(set, pod));
    }

    /** A claim as the cache has it; null if it has none. */
    @Nullable
    PersistentVolumeClaim claim(StatefulSet set, String name) {
        return claims.get(OrEmpty.of(set.getMetadata().getNamespace()), name);
    }

    private void keepUp(StatefulSet set, Upkeep upkeep) {
        try {
            provide(set, upkeep.pod(), upkeep.claims());
            if (upkeep.mended() != null) {
                client.resource(upkeep.mended()).update();
            }
        } catch (KubernetesClientException e) {
            if (upkeep.told() && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                tellFailure(set, "Update", upkeep.pod(), e);
            }
            throw e;
        }
        if (upkeep.told()) {
            tell(set, "Update", upkeep.pod());
        }
    }

    private void create(StatefulSet set, Pod pod) {
        try {
            ClaimNeeds needs = ClaimNeeds.of(set, pod, name -> claim(set, name));
            provide(set, pod, needs);
            refuseLeaving(needs.leaving());
            client.resource(pod).create();
        } catch (KubernetesClientException e) {
            // One that is there already is no news: the cache has not seen it yet, or it is somebody else's.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && !PodCreation.namespaceEnds(e)) {
                tellFailure(set, "Create", pod, e);
            }
            throw e;
        } catch (ClaimLeavesException e) {
            tellFailure(set, "Create", pod, e);
            throw e;
        }
        tell(set, "Create", pod);
    }

    private static void refuseLeaving(List<String> leaving) {
        if (!leaving.isEmpty()) {
            throw new ClaimLeavesException(leaving);
        }
    }

    private boolean delete(StatefulSet set, Pod pod) {
        boolean wasThere;
        try {
            wasThere = Deletion.of(client, pod);
        } catch (KubernetesClientException e) {
            tellFailure(set, "Delete", pod, e);
            throw e;
        }
        if (wasThere) {
            tell(set, "Delete", pod);
        }
        return wasThere;
    }

    /** Gives a pod the claims that it lacks, and claims the owners that they lack. */
    private void provide(StatefulSet set, Pod pod, ClaimNeeds needs) {
        for (PersistentVolumeClaim missing : needs.missing()) {
            createClaim(set, pod, missing);
        }
        for (String name : needs.conflicting()) {
            events.warning(
                    set,
                    "ConflictingController",
                    "PersistentVolumeClaim " + name
                            + " has a conflicting OwnerReference that acts as a manging controller, the retention policy"
                            + " is ignored for this claim");
        }
        for (PersistentVolumeClaim misowned : needs.misowned()) {
            client.resource(misowned).update();
        }
    }

    private void createClaim(StatefulSet set, Pod pod, PersistentVolumeClaim claim) {
        String name = claim.getMetadata().getName();
        try {
            client.resource(claim).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                refuseLeaving(leavingByNow(claim));
                return;
            }
            if (!PodCreation.namespaceEnds(e)) {
                events.warning(
                        set,
                        "FailedCreate",
                        "create Claim %s for Pod %s in StatefulSet %s failed error: %s"
                                .formatted(name, name(pod), set.getMetadata().getName(), message(e)));
            }
            throw e;
        }
        events.normal(
                set,
                "SuccessfulCreate",
                "create Claim %s Pod %s in StatefulSet %s success"
                        .formatted(name, name(pod), set.getMetadata().getName()));
    }

    private List<String> leavingByNow(PersistentVolumeClaim claim) {
        PersistentVolumeClaim found = client.resource(claim).get();
        List<String> leaving = new ArrayList<>();
        if (found == null || found.getMetadata().getDeletionTimestamp() != null) {
            leaving.add(claim.getMetadata().getName());
        }
        return leaving;
    }

    private void tell(StatefulSet set, String verb, Pod pod) {
        events.normal(
                set,
                "Successful" + verb,
                "%s Pod %s in StatefulSet %s successful"
                        .formatted(
                                verb.toLowerCase(Locale.ROOT),
                                name(pod),
                                set.getMetadata().getName()));
    }

    private void tellFailure(StatefulSet set, String verb, Pod pod, RuntimeException failure) {
        events.warning(
                set,
                "Failed" + verb,
                "%s Pod %s in StatefulSet %s failed error: %s"
                        .formatted(
                                verb.toLowerCase(Locale.ROOT),
                                name(pod),
                                set.getMetadata().getName(),
                                message(failure)));
    }

    private static @Nullable String message(RuntimeException failure) {
        if (failure instanceof KubernetesClientException refusal
                && refusal.getStatus() != null
                && refusal.getStatus().getMessage() != null) {
            return refusal.getStatus().getMessage();
        }
        return failure.getMessage();
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    /** A claim that a pod needs is being deleted: the pod can be made when it is gone. */
    static final class ClaimLeavesException extends RuntimeException {
        private static final long serialVersionUID = 1;

        ClaimLeavesException(List<String> claims) {
            super("pvc " + String.join(", ", claims) + " is being deleted");
        }
    }
}
