package io.keelson.controllers.volumebinder;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageOperations;
import io.keelson.controllers.objects.VolumeAnnotations;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;

/**
 * How long it takes until a volume is made for a claim and bound, and until one is gone that is to be deleted: {@code
 * volume_operation_*}. Whoever starts anew does not know of what was asked for before.
 */
final class VolumeOperations {
    private static final String PROVISION = "provision";
    private static final String DELETE = "delete";

    private final StorageOperations<Key, Labels> operations;

    private record Labels(String plugin, String operation) {}

    VolumeOperations(ControllerMetrics metrics, Time time) {
        Histogram seconds = StorageOperations.histogram(
                metrics,
                "volume_operation_total_seconds",
                "How long it took to make or to delete a volume",
                "plugin_name",
                "operation_name");
        Counter errors = metrics.counter(
                "volume_operation_errors_total",
                "How often a volume could not be made or deleted",
                "plugin_name",
                "operation_name");
        operations = new StorageOperations<>(
                time,
                (labels, took) -> seconds.labelValues(labels.plugin(), labels.operation())
                        .observe(ControllerMetrics.seconds(took)),
                (labels, _) ->
                        errors.labelValues(labels.plugin(), labels.operation()).inc());
    }

    /** A provisioner is asked for a volume. */
    void provision(PersistentVolumeClaim claim, String provisioner) {
        operations.begin(Key.of(claim), new Labels(provisioner, PROVISION));
    }

    /** It could not be asked. */
    void notAsked(PersistentVolumeClaim claim) {
        operations.fail(Key.of(claim));
    }

    /** A claim is bound. */
    void bound(PersistentVolumeClaim claim) {
        operations.end(Key.of(claim));
    }

    /** A claim is gone. */
    void gone(PersistentVolumeClaim claim) {
        operations.forget(Key.of(claim));
    }

    /** Nobody claims a volume any more, and whoever made it is to delete it. */
    void delete(PersistentVolume volume) {
        String made = OrEmpty.of(volume.getMetadata().getAnnotations()).get(VolumeAnnotations.PROVISIONED_BY);
        operations.begin(Key.of(volume), new Labels(made == null ? "N/A" : made, DELETE));
    }

    /** It cannot be deleted. */
    void notDeleted(PersistentVolume volume) {
        operations.fail(Key.of(volume));
    }

    /** A volume is gone. */
    void gone(PersistentVolume volume) {
        operations.end(Key.of(volume));
    }
}
