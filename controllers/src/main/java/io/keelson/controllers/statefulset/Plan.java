package io.keelson.controllers.statefulset;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be written for a set in one round, in this order. {@link Planner} makes it.
 *
 * @param upkeep pods that are to be mended, in ascending order
 * @param creations pods to create, in ascending order
 * @param condemned pods that are one too many, whose claims get other owners before anything is deleted
 * @param deletions pods to delete because they have ended or are one too many, in descending order
 * @param outdated pods to delete so that they come again with the update revision, in descending order
 */
record Plan(List<Upkeep> upkeep, List<Pod> creations, List<Upkeep> condemned, List<Pod> deletions, List<Pod> outdated) {
    /** All pods to delete. */
    List<Pod> allDeletions() {
        List<Pod> all = new ArrayList<>(deletions);
        all.addAll(outdated);
        return all;
    }
}
