package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.objects.VolumeAnnotations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.volumebinder.Bindings;
import io.keelson.scheduler.decision.Reservation;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The volumes that a pod's claims get on its node. They are assumed from the start; written, so that the volume binder and
 * provisioners do the rest; and waited for. It may end between any two writes: a volume that names a claim is for that claim
 * whenever somebody looks again, and a claim that names a node lets its pod go there only.
 *
 * <p>What is written already, by another pod that uses the same claim or before a crash, is not written again.
 */
final class VolumeReservation implements Reservation {
    private static final String FAILURE = "running PreBind plugin \"" + VolumeBinding.NAME + "\": ";
    /** How long a change that nobody tells of, such as a node that is gone, may stay unseen. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    /** How often a claim may change while it is written. */
    private static final int CLAIM_TRIES = 5;

    private final PodInfo pod;
    private final String node;
    private final StorageState storage;
    private final Duration timeout;
    private final List<Taken<PersistentVolume>> volumes = new ArrayList<>();
    private final List<Taken<PersistentVolumeClaim>> claims = new ArrayList<>();

    /**
     * An object as it is to be.
     *
     * @param claim for which
     * @param told whether the API has told of it as such
     */
    private record Taken<T>(T object, PersistentVolumeClaim claim, boolean told) {}

    private VolumeReservation(PodInfo pod, String node, StorageState storage, Duration timeout) {
        this.pod = pod;
        this.node = node;
        this.storage = storage;
        this.timeout = timeout;
    }

    /** Takes what was found. */
    static VolumeReservation take(PodInfo pod, String node, NodeVolumes found, StorageState storage, Duration timeout) {
        VolumeReservation reservation = new VolumeReservation(pod, node, storage, timeout);
        for (NodeVolumes.Match match : found.matches()) {
            PersistentVolume wanted = Bindings.bound(match.volume(), match.claim());
            boolean told = wanted.equals(storage.toldVolume(Key.of(wanted)));
            reservation.volumes.add(new Taken<>(wanted, match.claim(), told));
            storage.assume(wanted, reservation);
        }
        for (NodeVolumes.Provision provision : found.provisions()) {
            PersistentVolumeClaim wanted = selected(provision.claim(), node);
            boolean told = wanted.equals(storage.toldClaim(Key.of(wanted)));
            reservation.claims.add(new Taken<>(wanted, wanted, told));
            storage.assume(wanted, reservation);
        }
        return reservation;
    }

    private static PersistentVolumeClaim selected(PersistentVolumeClaim claim, String node) {
        return PodClaims.selectedNode(claim).equals(node)
                ? claim
                : new PersistentVolumeClaimBuilder(claim)
                        .editMetadata()
                        .addToAnnotations(VolumeAnnotations.SELECTED_NODE, node)
                        .endMetadata()
                        .build();
    }

    @Override
    public String plugin() {
        return VolumeBinding.NAME;
    }

    @Override
    public void write(KubernetesClient client) throws ReservationException, InterruptedException {
        BindingProgress progress = new BindingProgress(pod.key(), pod.uid(), node);
        try {
            for (Taken<PersistentVolume> each : volumes) {
                progress.matched(each.told() ? each.object() : written(client, each), each.claim());
            }
            for (Taken<PersistentVolumeClaim> each : claims) {
                progress.asked(each.told() ? each.object() : written(client, each.object()));
            }
        } catch (KubernetesClientException e) {
            throw new ReservationException(FAILURE + Refusals.message(e), e);
        }
        try {
            await(progress);
        } catch (ReservationException e) {
            throw new ReservationException(FAILURE + "binding volumes: " + e.getMessage(), e);
        }
    }

    private static PersistentVolume written(KubernetesClient client, Taken<PersistentVolume> wanted) {
        try {
            return client.resource(wanted.object()).update();
        } catch (KubernetesClientException e) {
            PersistentVolume now =
                    Refusals.isOutdated(e) ? client.resource(wanted.object()).get() : null;
            if (now != null && Bindings.bound(now, wanted.claim()).equals(now)) {
                return now;
            }
            // It may not fit any more: the next decision looks at it as it is.
            throw e;
        }
    }

    private PersistentVolumeClaim written(KubernetesClient client, PersistentVolumeClaim wanted) {
        PersistentVolumeClaim next = wanted;
        for (int tries = 1; ; tries++) {
            try {
                return client.resource(next).update();
            } catch (KubernetesClientException e) {
                PersistentVolumeClaim now =
                        Refusals.isOutdated(e) ? client.resource(wanted).get() : null;
                if (now == null
                        || !Objects.equals(
                                now.getMetadata().getUid(), wanted.getMetadata().getUid())) {
                    throw e;
                }
                String chosen = PodClaims.selectedNode(now);
                if (chosen.equals(node)) {
                    return now;
                }
                if (!chosen.isEmpty() || !StorageState.volumeName(now).isEmpty() || tries == CLAIM_TRIES) {
                    throw e;
                }
                next = selected(now, node);
            }
        }
    }

    private void await(BindingProgress progress) throws ReservationException, InterruptedException {
        LiveStorage live = storage.live();
        Semaphore signal = new Semaphore(0);
        storage.signals().listen(progress.claims(), signal);
        try {
            // The monotonic clock, as the other may jump.
            long start = System.nanoTime();
            while (!progress.isComplete(live)) {
                long left = timeout.toNanos() - (System.nanoTime() - start);
                if (left <= 0) {
                    throw new ReservationException("context deadline exceeded");
                }
                // Whether it was told or not, it looks again.
                boolean _ = signal.tryAcquire(Math.min(left, BETWEEN_LOOKS.toNanos()), TimeUnit.NANOSECONDS);
            }
        } finally {
            storage.signals().leave(progress.claims(), signal);
        }
    }

    @Override
    public void bound() {
        // What was assumed is what the API will tell, and goes when it does.
    }

    @Override
    public void release() {
        volumes.forEach(each -> storage.leave(each.object(), this));
        claims.forEach(each -> storage.leave(each.object(), this));
    }
}
