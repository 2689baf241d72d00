package io.keelson.agent.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.stats.NodeUsage.VolumeUsage;
import io.keelson.agent.volumes.DiskUsage;
import io.keelson.agent.volumes.PluginUsage;
import io.keelson.agent.volumes.VolumeException;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskMeterTest {
    @TempDir
    private Path folder;

    /** A plugin tells of a device, another one of nothing, and one cannot. */
    private final class Places implements VolumePlaces {
        @Override
        public @Nullable Path path(Pod pod, String volume) {
            return volume.equals("device") ? null : folder;
        }

        @Override
        public Map<String, DiskUsage> usage(Pod pod) {
            return Map.of();
        }

        @Override
        public Optional<PluginUsage> told(Pod pod, String volume) throws VolumeException {
            return switch (volume) {
                case "device" ->
                    Optional.of(new PluginUsage(
                            new PluginUsage.Amount(100, 70, 30), new PluginUsage.Amount(0, 0, 0), Optional.of(false)));
                case "broken" -> throw new VolumeException("it does not answer");
                default -> Optional.empty();
            };
        }
    }

    @Test
    void whatAPluginTellsGoesBeforeWhatTheKernelDoes() throws InterruptedException {
        Pod pod = Samples.pod("""
                containers: [{name: a, image: x}]
                volumes:
                - {name: device, persistentVolumeClaim: {claimName: raw}}
                - {name: files, persistentVolumeClaim: {claimName: disk}}
                - {name: broken, persistentVolumeClaim: {claimName: none}}
                """);
        String uid = pod.getMetadata().getUid();
        PodFolders folders = new PodFolders(folder.resolve("kubelet"), folder.resolve("logs"));
        try (Time time = Time.system();
                DiskMeter meter = new DiskMeter(
                        new StatisticsSuite.OnePod(pod), folders, new Places(), Duration.ofMinutes(1), time)) {
            meter.start();
            TestCluster.await("it is measured", () -> !meter.of(uid).volumes().isEmpty());
            List<VolumeUsage> volumes = meter.of(uid).volumes();
            assertEquals(
                    List.of("device", "files"),
                    volumes.stream().map(VolumeUsage::name).toList());
            VolumeUsage device = volumes.getFirst();
            assertEquals("raw", device.claim());
            assertEquals(Optional.of(false), device.abnormal());
            assertEquals(100, device.disk().capacityBytes());
            assertEquals(70, device.disk().availableBytes());
            assertEquals(30, device.disk().usedBytes());
            assertEquals(Optional.empty(), volumes.getLast().abnormal());
        }
    }
}
