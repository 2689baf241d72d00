package io.keelson.controllers.daemonset;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.history.RevisionContent;
import io.keelson.controllers.history.RevisionHistory;
import io.keelson.controllers.history.Revisions;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Patch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The revisions of a daemon set: the one of what it says, and those that are kept so that it can go back. */
final class SetHistory {
    private final KubernetesClient client;
    private final RevisionHistory history;

    SetHistory(KubernetesClient client, RevisionHistory history) {
        this.client = client;
        this.history = history;
    }

    /**
     * The revisions of a set.
     *
     * @param hash of the revision of what it says; its pods carry it as a label
     * @param old the others by number
     */
    record Sorted(String hash, List<ControllerRevision> old) {}

    /**
     * Finds the revision of what a set says among its revisions, makes it the latest, or creates it. Of several of the same
     * content one is kept.
     *
     * @param revisions those of the set, by number
     * @param pods those of the set
     * @return null if the name for it is taken: the set has been told to take another one, and comes back with it
     */
    @Nullable
    Sorted sort(DaemonSet set, List<ControllerRevision> revisions, List<Pod> pods) {
        RevisionContent content = RevisionContent.of(set.getSpec().getTemplate());
        List<ControllerRevision> same = new ArrayList<>();
        List<ControllerRevision> old = new ArrayList<>();
        for (ControllerRevision revision : revisions) {
            (RevisionContent.of(revision).equals(content) ? same : old).add(hashed(revision));
        }
        long number = Revisions.next(old);
        if (same.isEmpty()) {
            ControllerRevision created = create(set, number);
            return created == null ? null : new Sorted(hash(created), old);
        }
        ControllerRevision kept = same.removeLast();
        for (ControllerRevision twin : same) {
            replace(twin, kept, pods);
        }
        if (Revisions.number(kept) < number) {
            kept = history.renumber(kept, number);
        }
        return new Sorted(hash(kept), old);
    }

    private ControllerRevision hashed(ControllerRevision revision) {
        return hash(revision).isEmpty()
                ? history.label(
                        revision, DaemonPods.HASH_LABEL, revision.getMetadata().getName())
                : revision;
    }

    private static String hash(ControllerRevision revision) {
        return OrEmpty.of(OrEmpty.of(revision.getMetadata().getLabels()).get(DaemonPods.HASH_LABEL));
    }

    private @Nullable ControllerRevision create(DaemonSet set, long number) {
        int collisions =
                set.getStatus() == null ? 0 : OrEmpty.of(set.getStatus().getCollisionCount());
        ControllerRevision created = history.create(
                Revisions.draft(set, set.getSpec().getTemplate(), DaemonPods.HASH_LABEL, number, collisions), set);
        if (created == null) {
            client.resource(new DaemonSetBuilder(set)
                            .editOrNewStatus()
                            .withCollisionCount(collisions + 1)
                            .endStatus()
                            .build())
                    .updateStatus();
        }
        return created;
    }

    /** Puts the pods of a revision under another one of the same content, and deletes it. */
    private void replace(ControllerRevision twin, ControllerRevision kept, List<Pod> pods) {
        for (Pod pod : pods) {
            if (DaemonPods.hashOf(pod).equals(hash(twin)) && !hash(twin).equals(hash(kept))) {
                Map<String, Object> metadata =
                        Map.of("uid", pod.getMetadata().getUid(), "labels", Map.of(DaemonPods.HASH_LABEL, hash(kept)));
                Patch.of(client, pod).strategic(Map.of("metadata", metadata));
            }
        }
        history.delete(List.of(twin));
    }

    /** Deletes the oldest revisions that have no pods, down to the limit of a set. */
    void prune(DaemonSet set, List<ControllerRevision> old, List<Pod> pods) {
        Integer limit = set.getSpec().getRevisionHistoryLimit();
        int kept = limit == null ? Revisions.LIMIT_DEFAULT : limit;
        if (kept < 0 || old.size() <= kept) {
            return;
        }
        Set<String> used = pods.stream().map(DaemonPods::hashOf).collect(Collectors.toSet());
        history.delete(Revisions.oldest(old, revision -> used.contains(hash(revision)), old.size() - kept));
    }
}
