package io.keelson.controllers.attachdetach;

import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachmentStatus;
import io.fabric8.kubernetes.api.model.storage.VolumeError;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageOperations;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long it takes until a driver has attached or detached a volume: {@code storage_operation_duration_seconds}. Any thread.
 */
final class AttachTimes {
    private final Histogram seconds;
    private final StorageOperations<Operation, Labels> operations;

    private record Operation(String attachment, boolean attaches) {
        String label() {
            return attaches ? "volume_attach" : "volume_detach";
        }
    }

    private record Labels(String plugin, String operation, boolean migrated) {}

    AttachTimes(ControllerMetrics metrics, Time time) {
        seconds = StorageOperations.histogram(
                metrics,
                "storage_operation_duration_seconds",
                "How long something took that a driver does with a volume",
                "volume_plugin",
                "operation_name",
                "status",
                "migrated");
        operations = new StorageOperations<>(
                time,
                (labels, took) -> observe(labels, "success", took),
                (labels, took) -> observe(labels, "fail-unknown", took));
    }

    private void observe(Labels labels, String status, Duration took) {
        seconds.labelValues(labels.plugin(), labels.operation(), status, Boolean.toString(labels.migrated()))
                .observe(ControllerMetrics.seconds(took));
    }

    /**
     * A volume is to be attached.
     *
     * @param migrated whether it is one of the kinds that drivers have taken over
     */
    void attach(VolumeAttachment attachment, boolean migrated) {
        begin(attachment, true, migrated);
    }

    /** A volume is to be detached. */
    void detach(VolumeAttachment attachment, boolean migrated) {
        begin(attachment, false, migrated);
    }

    private void begin(VolumeAttachment attachment, boolean attaches, boolean migrated) {
        Operation operation = new Operation(attachment.getMetadata().getName(), attaches);
        String plugin = "kubernetes.io/csi:" + OrEmpty.of(attachment.getSpec().getAttacher());
        operations.begin(operation, new Labels(plugin, operation.label(), migrated));
    }

    /** It could not be asked for. */
    void notAsked(VolumeAttachment attachment, boolean attaches) {
        Operation operation = new Operation(attachment.getMetadata().getName(), attaches);
        operations.fail(operation);
        operations.forget(operation);
    }

    /** An attachment has changed. */
    void seen(Change<VolumeAttachment> change) {
        String name = change.object().getMetadata().getName();
        Operation attach = new Operation(name, true);
        Operation detach = new Operation(name, false);
        VolumeAttachmentStatus before = status(change.before());
        VolumeAttachmentStatus now = status(change.now());
        if (change.deleted()) {
            operations.forget(attach);
            operations.end(detach);
            return;
        }
        if (now == null) {
            return;
        }
        if (Boolean.TRUE.equals(now.getAttached())) {
            operations.end(attach);
        }
        failed(attach, before == null ? null : before.getAttachError(), now.getAttachError());
        failed(detach, before == null ? null : before.getDetachError(), now.getDetachError());
    }

    private void failed(Operation operation, @Nullable VolumeError before, @Nullable VolumeError now) {
        if (now != null && !Objects.equals(before, now)) {
            operations.fail(operation);
        }
    }

    private static @Nullable VolumeAttachmentStatus status(@Nullable VolumeAttachment attachment) {
        return attachment == null ? null : attachment.getStatus();
    }
}
