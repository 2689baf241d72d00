package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what is decided about claims and volumes, one write after the other. It may end after any of them: each leaves
 * something from which the same decision follows, and what is written already is not written again.
 */
final class Binder {
    /** How long another claim's write may take before its volume is chosen again in vain. */
    private static final Duration AFTER_ANOTHER = Duration.ofMillis(50);

    /** What becomes of a volume, by its own word, that nobody claims any more. */
    private static final String DELETED = "Delete";

    private final Volumes volumes;
    private final ClaimRules rules;
    private final Events events;
    private final VolumeOperations operations;

    Binder(Volumes volumes, BinderSettings settings, Events events, VolumeOperations operations) {
        this.operations = operations;
        this.volumes = volumes;
        this.rules = new ClaimRules(volumes, settings.dynamicProvisioning());
        this.events = events;
    }

    /** Brings a claim to its volume. */
    void sync(PersistentVolumeClaim seen) {
        PersistentVolumeClaim claim = written(seen, Bindings.migrated(seen));
        switch (rules.decide(claim)) {
            case ClaimDecision.Bind bind -> bind(claim, bind.volume());
            case ClaimDecision.Wait wait -> {
                if (wait.told() != null) {
                    wait.told().about(claim, events);
                }
                statusWritten(claim, Bindings.inPhase(claim, "Pending"));
            }
            case ClaimDecision.Lost lost -> {
                boolean known = claim.getStatus() != null
                        && "Lost".equals(claim.getStatus().getPhase());
                statusWritten(claim, Bindings.inPhase(claim, "Lost"));
                if (!known) {
                    lost.told().about(claim, events);
                }
            }
            case ClaimDecision.AssignClass assign -> volumes.write(Bindings.ofClass(claim, assign.name()));
            case ClaimDecision.AskProvisioner ask -> {
                PersistentVolumeClaim asking = asked(claim, ask.name());
                events.normal(
                        asking,
                        "ExternalProvisioning",
                        ("Waiting for a volume to be created either by the external provisioner '%s' or manually by the"
                                        + " system administrator. If volume creation is delayed, please verify that the"
                                        + " provisioner is running and correctly registered.")
                                .formatted(ask.name()));
            }
            case ClaimDecision.CannotProvision cannot -> cannot.told().about(claim, events);
        }
    }

    private PersistentVolumeClaim asked(PersistentVolumeClaim claim, String provisioner) {
        operations.provision(claim, provisioner);
        try {
            return written(claim, Bindings.asking(claim, provisioner));
        } catch (RuntimeException e) {
            operations.notAsked(claim);
            throw e;
        }
    }

    private void bind(PersistentVolumeClaim claim, PersistentVolume volume) {
        PersistentVolume named = named(claim, volume);
        if (named == null) {
            // Another claim has it since it was chosen: the next look will choose another one.
            volumes.ask(claim.getMetadata().getNamespace(), claim.getMetadata().getName(), AFTER_ANOTHER);
            return;
        }
        PersistentVolume bound = statusWritten(named, Bindings.inPhase(named, "Bound", ""));
        PersistentVolumeClaim complete = written(claim, Bindings.bound(claim, bound));
        statusWritten(complete, Bindings.withStatusOf(complete, bound));
        operations.bound(complete);
    }

    /** The volume, naming the claim; null if it was taken for another one. */
    private @Nullable PersistentVolume named(PersistentVolumeClaim claim, PersistentVolume volume) {
        PersistentVolume wanted = Bindings.bound(volume, claim);
        if (volume.getSpec().getClaimRef() != null) {
            return written(volume, wanted);
        }
        if (!volumes.take(volume, claim)) {
            return null;
        }
        try {
            return volumes.write(wanted);
        } catch (RuntimeException e) {
            volumes.leave(volume);
            throw e;
        }
    }

    /** Brings a volume to the phase that its claim gives it. */
    void sync(PersistentVolume seen) {
        PersistentVolume volume = written(seen, Bindings.migrated(seen));
        switch (VolumeRules.decide(volume, claimOf(volume))) {
            case VolumeDecision.InPhase wanted -> statusWritten(volume, Bindings.inPhase(volume, wanted.phase(), ""));
            case VolumeDecision.AskClaim _ -> {
                ObjectReference reference = volume.getSpec().getClaimRef();
                volumes.ask(reference.getNamespace(), reference.getName(), Duration.ZERO);
            }
            case VolumeDecision.Mismatch mismatch -> {
                String claim = mismatch.claim().getMetadata().getName();
                events.warning(
                        volume,
                        "VolumeMismatch",
                        "Cannot bind PersistentVolume to requested PersistentVolumeClaim \"" + claim
                                + "\" due to incompatible volumeMode.");
                events.warning(
                        mismatch.claim(),
                        "VolumeMismatch",
                        "Cannot bind PersistentVolume \"" + volume.getMetadata().getName()
                                + "\" to requested PersistentVolumeClaim due to incompatible volumeMode.");
            }
            case VolumeDecision.Unbind _ -> {
                PersistentVolume free = written(volume, Bindings.unbound(volume));
                statusWritten(free, Bindings.inPhase(free, "Available", ""));
            }
            case VolumeDecision.Release release -> release(volume, release.failure());
        }
    }

    private void release(PersistentVolume volume, @Nullable Told failure) {
        PersistentVolume released =
                isReleased(volume) ? volume : statusWritten(volume, Bindings.inPhase(volume, "Released", ""));
        if (DELETED.equals(volume.getSpec().getPersistentVolumeReclaimPolicy())) {
            operations.delete(volume);
        }
        if (failure == null) {
            return;
        }
        PersistentVolume failed = Bindings.inPhase(released, "Failed", failure.message());
        if (!failed.equals(released)) {
            operations.notDeleted(volume);
            failure.about(volumes.writeStatus(failed), events);
        }
    }

    private static boolean isReleased(PersistentVolume volume) {
        String phase =
                volume.getStatus() == null ? "" : OrEmpty.of(volume.getStatus().getPhase());
        return phase.equals("Released") || phase.equals("Failed");
    }

    /** The very claim that a volume names; null if it is gone, which the API is asked for before it is believed. */
    private @Nullable PersistentVolumeClaim claimOf(PersistentVolume volume) {
        if (!VolumeRules.isClaimed(volume)) {
            return null;
        }
        ObjectReference reference = volume.getSpec().getClaimRef();
        String namespace = OrEmpty.of(reference.getNamespace());
        String name = OrEmpty.of(reference.getName());
        if (namespace.isEmpty() || name.isEmpty()) {
            // No server stores such a reference; there is no claim of it.
            return null;
        }
        PersistentVolumeClaim seen = volumes.claim(namespace, name);
        if (isNamed(seen, reference)) {
            return seen;
        }
        if (seen == null && isReleased(volume)) {
            return null;
        }
        PersistentVolumeClaim live = volumes.liveClaim(namespace, name);
        return isNamed(live, reference) ? live : null;
    }

    private static boolean isNamed(@Nullable PersistentVolumeClaim claim, ObjectReference reference) {
        return claim != null && claim.getMetadata().getUid().equals(reference.getUid());
    }

    private PersistentVolume written(PersistentVolume before, PersistentVolume now) {
        return now.equals(before) ? before : volumes.write(now);
    }

    private PersistentVolume statusWritten(PersistentVolume before, PersistentVolume now) {
        return now.equals(before) ? before : volumes.writeStatus(now);
    }

    private PersistentVolumeClaim written(PersistentVolumeClaim before, PersistentVolumeClaim now) {
        return now.equals(before) ? before : volumes.write(now);
    }

    private void statusWritten(PersistentVolumeClaim before, PersistentVolumeClaim now) {
        if (!now.equals(before)) {
            volumes.writeStatus(now);
        }
    }
}
