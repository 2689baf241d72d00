package io.keelson.controllers.attachdetach;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.keelson.controllers.testing.Figures;
import java.util.List;
import org.junit.jupiter.api.Test;

class VolumeCountsTest {
    private static WantedVolume volume(String driver, String handle) {
        PersistentVolume volume = new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(handle)
                .endMetadata()
                .withNewSpec()
                .withNewCsi()
                .withDriver(driver)
                .withVolumeHandle(handle)
                .endCsi()
                .endSpec()
                .build();
        return new WantedVolume(volume, List.of());
    }

    @Test
    void volumesAreCountedByTheirDriversWhenSomebodyAsks() {
        WantedVolume one = volume("a.example.com", "one");
        WantedVolume two = volume("a.example.com", "two");
        WantedVolume other = volume("b.example.com", "other");
        Figures figures = new Figures();
        figures.metrics()
                .gauge(
                        "attachdetach_controller_total_volumes",
                        "Volumes on nodes",
                        new VolumeCounts(() -> List.of(one, two, other), () -> List.of(one.attachment("n")))::tell,
                        "plugin_name",
                        "state");
        assertEquals(2, figures.of(series("a", "desired_state_of_world")));
        assertEquals(1, figures.of(series("b", "desired_state_of_world")));
        assertEquals(1, figures.of(series("a", "actual_state_of_world")));
        assertEquals(0, figures.of(series("b", "actual_state_of_world")));
    }

    private static String series(String driver, String state) {
        return "attachdetach_controller_total_volumes{plugin_name=\"kubernetes.io/csi:" + driver
                + ".example.com\",state=\"" + state + "\"}";
    }
}
