package io.keelson.controllers.attachdetach;

import io.fabric8.kubernetes.api.model.AttachedVolume;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is to be attached to a node and detached from it.
 *
 * @param attach volumes that have no attachment yet
 * @param conflicts volumes that another node has, and that only one may have
 * @param reported what the node is to be told is attached
 * @param detach attachments that are to go, and that the node does not use as far as is seen
 * @param force attachments that are to go though the node may use them
 * @param awaited attachments that are to go when the node has let go, and since when
 * @param again when to look again though nothing changes; null if that is of no use
 */
record NodePlan(
        List<WantedVolume> attach,
        List<WantedVolume> conflicts,
        Set<String> reported,
        List<VolumeAttachment> detach,
        List<VolumeAttachment> force,
        Map<String, Instant> awaited,
        @Nullable Duration again) {
    /** How long a node that is not ready has to let a volume go. */
    static final Duration PATIENCE = Duration.ofMinutes(6);

    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    /**
     * What a plan is made from.
     *
     * @param name the node's name
     * @param node null if it is gone
     * @param wanted by the node's pods; nothing if it is gone
     * @param attachments those of the node
     * @param heldElsewhere whether another node has a volume
     * @param volume a volume by its name, null if it is not there
     * @param awaited as the last plan had it
     * @param forceOnTimeout whether patience ends
     */
    record Input(
            String name,
            @Nullable Node node,
            Map<String, WantedVolume> wanted,
            List<VolumeAttachment> attachments,
            Predicate<String> heldElsewhere,
            Function<String, @Nullable PersistentVolume> volume,
            Map<String, Instant> awaited,
            boolean forceOnTimeout) {}

    /** Computes. */
    static NodePlan of(Input input, Instant now) {
        List<WantedVolume> attach = new ArrayList<>();
        List<WantedVolume> conflicts = new ArrayList<>();
        Set<String> reported = new TreeSet<>();
        List<VolumeAttachment> detach = new ArrayList<>();
        List<VolumeAttachment> force = new ArrayList<>();
        Map<String, Instant> awaited = new HashMap<>();
        Duration again = null;
        Set<String> present = new HashSet<>();
        Set<String> inUse = inUse(input.node());
        for (VolumeAttachment attachment : input.attachments()) {
            PersistentVolume volume = volumeOf(attachment, input);
            if (volume == null) {
                continue;
            }
            String volumeName = volume.getMetadata().getName();
            present.add(volumeName);
            if (attachment.isMarkedForDeletion()) {
                continue;
            }
            String nodeName = WantedVolume.nodeName(volume);
            boolean keep = input.wanted().containsKey(volumeName);
            if (!keep && input.node() != null && !inUse.contains(nodeName)) {
                detach.add(attachment);
            } else if (!keep) {
                String name = attachment.getMetadata().getName();
                Instant since = input.awaited().getOrDefault(name, now);
                Duration left = PATIENCE.minus(Duration.between(since, now));
                boolean impatient = input.forceOnTimeout() && !isReady(input.node());
                if (isOutOfService(input.node()) || (impatient && left.isNegative())) {
                    force.add(attachment);
                } else {
                    awaited.put(name, since);
                    keep = true;
                    if (impatient && (again == null || left.compareTo(again) < 0)) {
                        // A moment later, since it is more than six minutes that a node has.
                        again = left.plusSeconds(1);
                    }
                }
            }
            if (keep && isAttached(attachment)) {
                reported.add(nodeName);
            }
        }
        for (WantedVolume wanted : input.wanted().values()) {
            if (!present.contains(wanted.name())) {
                boolean taken = wanted.isExclusive() && input.heldElsewhere().test(wanted.name());
                (taken ? conflicts : attach).add(wanted);
            }
        }
        return new NodePlan(attach, conflicts, reported, detach, force, awaited, again);
    }

    /** The volume of an attachment that bears the name it has to have; null if it is somebody else's. */
    private static @Nullable PersistentVolume volumeOf(VolumeAttachment attachment, Input input) {
        String name = volumeName(attachment);
        PersistentVolume volume = name.isEmpty() ? null : input.volume().apply(name);
        return volume != null
                        && volume.getSpec().getCsi() != null
                        && WantedVolume.attachmentName(volume, input.name())
                                .equals(attachment.getMetadata().getName())
                ? volume
                : null;
    }

    /** The name of the volume that is attached; empty if it is one without a name. */
    static String volumeName(VolumeAttachment attachment) {
        return attachment.getSpec().getSource() == null
                ? ""
                : OrEmpty.of(attachment.getSpec().getSource().getPersistentVolumeName());
    }

    private static boolean isAttached(VolumeAttachment attachment) {
        return attachment.getStatus() != null
                && OrEmpty.of(attachment.getStatus().getAttached());
    }

    /** What a node says it uses. */
    static Set<String> inUse(@Nullable Node node) {
        return node == null || node.getStatus() == null
                ? Set.of()
                : Set.copyOf(OrEmpty.of(node.getStatus().getVolumesInUse()));
    }

    /** What a node was told is attached. */
    static Set<String> told(Node node) {
        Set<String> told = new TreeSet<>();
        if (node.getStatus() != null) {
            for (AttachedVolume volume : OrEmpty.of(node.getStatus().getVolumesAttached())) {
                told.add(OrEmpty.of(volume.getName()));
            }
        }
        return told;
    }

    /** Whether a node has hold of a volume. */
    enum Grip {
        /** It does not use it, and will not begin to. */
        NONE,
        /** It was told that it may begin to use it. */
        TOLD,
        /** It uses it. */
        IN_USE
    }

    /**
     * How it is with a volume that is to be detached.
     *
     * @param live the node as it is now
     * @param volume by the name that nodes know it by
     */
    static Grip grip(@Nullable Node live, String volume) {
        if (inUse(live).contains(volume)) {
            return Grip.IN_USE;
        }
        return live != null && told(live).contains(volume) ? Grip.TOLD : Grip.NONE;
    }

    static boolean isReady(@Nullable Node node) {
        if (node != null && node.getStatus() != null) {
            for (NodeCondition condition : OrEmpty.of(node.getStatus().getConditions())) {
                if ("Ready".equals(condition.getType())) {
                    return "True".equals(condition.getStatus());
                }
            }
        }
        return false;
    }

    static boolean isOutOfService(@Nullable Node node) {
        return node != null
                && node.getSpec() != null
                && OrEmpty.of(node.getSpec().getTaints()).stream()
                        .anyMatch(taint -> OUT_OF_SERVICE.equals(taint.getKey()));
    }
}
