package io.keelson.controllers.attachdetach;

import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.keelson.controllers.objects.OrEmpty;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * How many volumes there are on nodes, and how many there are to be, by who attaches them: counted anew each time that
 * somebody asks.
 *
 * @param wanted of each node that is managed
 * @param attachments all that there are
 */
record VolumeCounts(
        Supplier<? extends Collection<WantedVolume>> wanted,
        Supplier<? extends Collection<VolumeAttachment>> attachments) {
    /** Tells. */
    void tell(GaugeWithCallback.Callback callback) {
        Map<String, Integer> desired = new TreeMap<>();
        wanted.get().forEach(volume -> desired.merge(plugin(volume.driver()), 1, Integer::sum));
        desired.forEach((plugin, count) -> callback.call(count, plugin, "desired_state_of_world"));
        Map<String, Integer> actual = new TreeMap<>();
        attachments
                .get()
                .forEach(attachment ->
                        actual.merge(plugin(OrEmpty.of(attachment.getSpec().getAttacher())), 1, Integer::sum));
        actual.forEach((plugin, count) -> callback.call(count, plugin, "actual_state_of_world"));
    }

    private static String plugin(String driver) {
        return "kubernetes.io/csi:" + driver;
    }
}
