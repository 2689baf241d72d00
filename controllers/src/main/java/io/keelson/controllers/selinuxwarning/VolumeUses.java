package io.keelson.controllers.selinuxwarning;

import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which pods use which volumes, and how. Holds an entry for each volume of each pod. Any thread. */
final class VolumeUses {
    private final Map<String, Map<Key, Use>> byVolume = new HashMap<>();
    private final Map<Key, Set<String>> byPod = new HashMap<>();

    /**
     * How a pod uses a volume.
     *
     * @param policy how the volume gets its label
     */
    record Use(String policy, Label label) {}

    /**
     * That a pod cannot use a volume beside another.
     *
     * @param what they differ in, as events have it
     */
    record Conflict(String reason, String what, Key pod, String own, Key other, String others) {
        /** What the pod is told; of a pod in another namespace no more than that there is one. */
        String message() {
            String end = ". If both pods land on the same node, only one of them may access the volume.";
            return pod.namespace().equals(other.namespace())
                    ? what + " \"" + own + "\" conflicts with pod " + other.name()
                            + " that uses the same volume as this pod with " + what + " \"" + others + '"' + end
                    : what + " \"" + own + "\" conflicts with another pod that uses the same volume as this pod with a"
                            + " different " + what + end;
        }
    }

    /**
     * A pod uses these volumes and no others.
     *
     * @param uses by the volumes' names in the cluster
     * @return what it contradicts, from both sides
     */
    synchronized List<Conflict> put(Key pod, Map<String, Use> uses) {
        remove(pod);
        List<Conflict> conflicts = new ArrayList<>();
        uses.forEach((volume, use) -> {
            Map<Key, Use> users = byVolume.computeIfAbsent(volume, ignored -> new HashMap<>());
            users.forEach((other, others) -> addConflicts(pod, use, other, others, conflicts));
            users.put(pod, use);
            byPod.computeIfAbsent(pod, ignored -> new HashSet<>()).add(volume);
        });
        return conflicts;
    }

    private static void addConflicts(Key pod, Use use, Key other, Use others, List<Conflict> conflicts) {
        if (!use.policy().equals(others.policy())) {
            String reason = "SELinuxChangePolicyConflict";
            String what = "SELinuxChangePolicy";
            conflicts.add(new Conflict(reason, what, pod, use.policy(), other, others.policy()));
            conflicts.add(new Conflict(reason, what, other, others.policy(), pod, use.policy()));
        }
        if (use.label().contradicts(others.label())) {
            String reason = "SELinuxLabelConflict";
            String what = "SELinux label";
            conflicts.add(new Conflict(
                    reason, what, pod, use.label().text(), other, others.label().text()));
            conflicts.add(new Conflict(
                    reason, what, other, others.label().text(), pod, use.label().text()));
        }
    }

    /** A pod is gone, or has ended. */
    synchronized void remove(Key pod) {
        Set<String> volumes = byPod.remove(pod);
        if (volumes != null) {
            for (String volume : volumes) {
                byVolume.computeIfPresent(volume, (ignored, users) -> {
                    users.remove(pod);
                    return users.isEmpty() ? null : users;
                });
            }
        }
    }

    /** How many volumes are used. */
    synchronized int size() {
        return byVolume.size();
    }
}
