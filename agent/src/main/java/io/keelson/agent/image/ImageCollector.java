package io.keelson.agent.image;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.cri.RuntimePods;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.agent.wire.cri.Image;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.ListImagesRequest;
import io.keelson.agent.wire.cri.RemoveImageRequest;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Removes images that nobody uses: all that were not used for too long; and when the disk is too full, those first that
 * were not used for the longest time, until it is not. Never removed are images of containers, also of dead ones,
 * pinned ones, young ones, and those that a container is about to use. One collection at a time; {@link #asked} from
 * any thread.
 */
public final class ImageCollector {
    /** For how long an image is left alone that a container asked for, until the container is there. */
    private static final Duration ASKED = Duration.ofMinutes(2);

    private static final Duration CALL_LIMIT = Duration.ofMinutes(2);
    private static final double GIBI = 1 << 30;

    private final RuntimeConnection connection;
    private final RuntimePods pods;
    private final Supplier<Set<String>> otherUses;
    private final ImageGarbagePolicy policy;
    private final ImageDisk disk;
    private final PullRecords records;
    private final Supplier<HasMetadata> node;
    private final Events events;
    private final Time time;
    private final ImageMetrics metrics;
    private final Instant began;
    private final Map<String, Known> known = new HashMap<>();
    /** Whether there was a look: what the first one finds may be as old as can be. */
    private boolean looked;

    /**
     * What is known of an image. All times are of the steady clock.
     *
     * @param first when it was first seen; long ago if it was there when the agent began
     */
    private record Known(String id, long sizeBytes, boolean pinned, Instant first, Instant used, Instant asked) {}

    /**
     * @param otherUses ids or names of images that are used by others than containers, as volumes or for sandboxes
     * @param records of who pulled what, in which images that are gone are forgotten
     * @param node whose events tell what goes wrong
     */
    public ImageCollector(
            RuntimeConnection connection,
            RuntimePods pods,
            Supplier<Set<String>> otherUses,
            ImageGarbagePolicy policy,
            ImageDisk disk,
            PullRecords records,
            Supplier<HasMetadata> node,
            Events events,
            Time time,
            ImageMetrics metrics) {
        this.connection = connection;
        this.pods = pods;
        this.otherUses = otherUses;
        this.policy = policy;
        this.disk = disk;
        this.records = records;
        this.node = node;
        this.events = events;
        this.time = time;
        this.metrics = metrics;
        began = time.steady();
    }

    /** Says that a container is about to use an image. */
    public synchronized void asked(String id) {
        Instant now = time.steady();
        Known image = known.get(id);
        // One that the next look does not find is forgotten, so that this does not grow.
        known.put(
                id,
                image == null
                        ? new Known(id, 0, false, now, now, now)
                        : new Known(id, image.sizeBytes(), image.pinned(), image.first(), now, now));
    }

    /**
     * Looks what images there are, and who uses them; to be called every five minutes at least, so that ages are right.
     *
     * @return the ids of those in use
     */
    public Set<String> detect() throws IOException {
        Instant now = time.steady();
        Instant clock = time.instant();
        List<Image> images;
        try {
            images = connection
                    .images(CALL_LIMIT)
                    .listImages(ListImagesRequest.getDefaultInstance())
                    .getImagesList();
        } catch (StatusRuntimeException e) {
            throw new IOException("failed to list images: " + RuntimeError.text(e), e);
        }
        Set<String> names = new HashSet<>(otherUses.get());
        for (RuntimePod pod : pods.pods()) {
            for (RuntimeContainer container : pod.containers()) {
                ContainerStatus status = container.status();
                names.add(status.getImageId());
                names.add(status.getImageRef());
                names.add(status.getImage().getImage());
            }
        }
        Set<String> used = new HashSet<>();
        Set<String> there = new HashSet<>();
        synchronized (this) {
            boolean isFirst = !looked;
            looked = true;
            for (Image image : images) {
                there.add(image.getId());
                boolean isUsed = names.contains(image.getId())
                        || image.getRepoTagsList().stream().anyMatch(names::contains)
                        || image.getRepoDigestsList().stream().anyMatch(names::contains);
                if (isUsed) {
                    used.add(image.getId());
                }
                Known before = known.get(image.getId());
                known.put(
                        image.getId(),
                        new Known(
                                image.getId(),
                                image.getSize(),
                                image.getPinned(),
                                before != null ? before.first() : isFirst ? Instant.MIN : now,
                                isUsed ? now : before != null ? before.used() : isFirst ? began : now,
                                before != null ? before.asked() : Instant.MIN));
            }
            known.keySet().retainAll(there);
        }
        records.prune(there, clock);
        return used;
    }

    /**
     * Removes what is too old, and what has to go for want of space.
     *
     * @throws IOException if the runtime does not answer, or not enough could be removed; what is wrong with the disk
     *     is told to the node's events, too
     */
    public void collect() throws IOException {
        Instant now = time.steady();
        List<Known> unused = unused(detect());
        List<String> failures = new ArrayList<>();
        if (!policy.maxAge().isZero() && Duration.between(began, now).compareTo(policy.maxAge()) > 0) {
            for (Known image : List.copyOf(unused)) {
                if (Duration.between(image.used(), now).compareTo(policy.maxAge()) > 0
                        && removable(image, now)
                        && remove(image, "age", failures)) {
                    unused.remove(image);
                }
            }
        }
        ImageDisk.Space space = disk.space();
        if (space.capacityBytes() <= 0) {
            String message = "invalid capacity 0 on image filesystem";
            events.warning(node.get(), "InvalidDiskCapacity", message);
            throw new IOException(message);
        }
        long capacity = space.capacityBytes();
        long available = Math.clamp(space.availableBytes(), 0, capacity);
        int usedPercent = 100 - (int) part(available, 100, capacity);
        if (policy.highPercent() < 100 && usedPercent >= policy.highPercent()) {
            long wanted = part(capacity, 100 - policy.lowPercent(), 100) - available;
            long freed = free(wanted, now, unused, failures);
            if (freed < wanted && failures.isEmpty()) {
                String message = String.format(
                        Locale.ROOT,
                        "Insufficient free disk space on the node's image filesystem (%d%% of %.1f "
                                + "GiB used). Failed to free "
                                + "sufficient space by deleting unused images (freed %d bytes). "
                                + "Investigate disk usage, as it "
                                + "could be used by active images, logs, volumes, or other data.",
                        usedPercent,
                        capacity / GIBI,
                        freed);
                events.warning(node.get(), "FreeDiskSpaceFailed", message);
                throw new IOException(message);
            }
            if (!failures.isEmpty()) {
                throw new IOException("wanted to free " + wanted + " bytes, but freed " + freed
                        + " bytes space with errors in image deletion: " + together(failures));
            }
        }
        if (!failures.isEmpty()) {
            throw new IOException("errors in image deletion: " + together(failures));
        }
    }

    /** A number times another by a third, whatever the product is. */
    private static long part(long number, long numerator, long denominator) {
        return BigInteger.valueOf(number)
                .multiply(BigInteger.valueOf(numerator))
                .divide(BigInteger.valueOf(denominator))
                .longValueExact();
    }

    /** Removes all images that may be removed, since the node is short of space; returns how many bytes that is. */
    public long removeUnused() throws IOException {
        List<String> failures = new ArrayList<>();
        long freed = free(Long.MAX_VALUE, time.steady(), unused(detect()), failures);
        if (!failures.isEmpty()) {
            throw new IOException(
                    "freed " + freed + " bytes space with errors in image deletion: " + together(failures));
        }
        return freed;
    }

    private static String together(List<String> failures) {
        return failures.size() == 1 ? failures.getFirst() : "[" + String.join(", ", failures) + "]";
    }

    /** Those that may go, the one that was not used for the longest time first. */
    private synchronized List<Known> unused(Set<String> used) {
        List<Known> unused = new ArrayList<>();
        for (Known image : known.values()) {
            if (!used.contains(image.id()) && !image.pinned()) {
                unused.add(image);
            }
        }
        unused.sort(
                Comparator.comparing(Known::used).thenComparing(Known::first).thenComparing(Known::id));
        return unused;
    }

    private long free(long wanted, Instant now, List<Known> unused, List<String> failures) {
        long freed = 0;
        for (Known image : unused) {
            if (freed >= wanted) {
                break;
            }
            boolean isYoung = image.first().plus(policy.minAge()).isAfter(now)
                    || image.used().isAfter(now);
            if (!isYoung && removable(image, now) && remove(image, "space", failures)) {
                freed += image.sizeBytes();
            }
        }
        return freed;
    }

    /** Whether nobody has asked for it since, in which case what was read before counts no more. */
    private synchronized boolean removable(Known image, Instant now) {
        Known newest = known.get(image.id());
        return newest != null
                && (newest.asked().equals(Instant.MIN)
                        || Duration.between(newest.asked(), now).compareTo(ASKED) > 0);
    }

    private boolean remove(Known image, String reason, List<String> failures) {
        try {
            var _ = connection
                    .images(CALL_LIMIT)
                    .removeImage(RemoveImageRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage(image.id()))
                            .build());
        } catch (StatusRuntimeException e) {
            failures.add(RuntimeError.text(e));
            return false;
        }
        synchronized (this) {
            known.remove(image.id());
        }
        metrics.collected(reason);
        return true;
    }
}
