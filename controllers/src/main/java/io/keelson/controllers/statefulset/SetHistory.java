package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.keelson.controllers.history.RevisionContent;
import io.keelson.controllers.history.RevisionHistory;
import io.keelson.controllers.history.Revisions;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The revisions of a set: which count now, and which are kept so that it can go back. */
final class SetHistory {
    /** Holds the hash of a revision's content. */
    static final String HASH_LABEL = "controller.kubernetes.io/hash";

    private final RevisionHistory history;

    SetHistory(RevisionHistory history) {
        this.history = history;
    }

    /**
     * The revisions that count for a set.
     *
     * @param current what pods have that are not to be updated yet
     * @param update what the set says
     * @param collisions how often the name of a revision was taken
     */
    record Live(Revision current, Revision update, int collisions) {}

    /**
     * Finds the revision of what a set says among its revisions, makes it the latest, or creates it.
     *
     * @param revisions those of the set, by number
     */
    Live live(StatefulSet set, List<ControllerRevision> revisions) {
        PodTemplateSpec template = set.getSpec().getTemplate();
        int collisions =
                set.getStatus() == null ? 0 : OrEmpty.of(set.getStatus().getCollisionCount());
        ControllerRevision update = Revisions.latest(revisions, RevisionContent.of(template));
        if (update == null) {
            long number = Revisions.next(revisions);
            while (update == null) {
                update = history.create(Revisions.draft(set, template, HASH_LABEL, number, collisions), set);
                collisions += update == null ? 1 : 0;
            }
        } else if (!update.equals(revisions.getLast())) {
            update = history.renumber(update, Revisions.next(revisions));
        }
        Revision updated = new Revision(update.getMetadata().getName(), template);
        String named = set.getStatus() == null ? null : set.getStatus().getCurrentRevision();
        ControllerRevision current = Revisions.named(revisions, named);
        return new Live(current == null ? updated : revision(current, template), updated, collisions);
    }

    private static Revision revision(ControllerRevision revision, PodTemplateSpec otherwise) {
        @Nullable PodTemplateSpec kept = RevisionContent.of(revision).template();
        return new Revision(revision.getMetadata().getName(), kept == null ? otherwise : kept);
    }

    /** Deletes the oldest revisions that neither count nor have pods, down to the limit of the set. */
    void prune(StatefulSet set, List<ControllerRevision> revisions, Live live, Collection<Pod> pods) {
        Set<String> used =
                new HashSet<>(List.of(live.current().name(), live.update().name()));
        pods.forEach(pod -> used.add(Identity.revisionOf(pod)));
        List<ControllerRevision> old = new ArrayList<>(revisions);
        old.removeIf(revision -> used.contains(revision.getMetadata().getName()));
        Integer limit = set.getSpec().getRevisionHistoryLimit();
        int kept = limit == null ? Revisions.LIMIT_DEFAULT : limit;
        if (kept >= 0) {
            history.delete(Revisions.oldest(old, revision -> false, old.size() - kept));
        }
    }
}
