package io.keelson.agent.pods.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.ManualTime;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ManifestFolderTest {
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private final PodListener listener = new PodListener() {
        @Override
        public void set(Pod pod) {
            told.add("set " + pod.getMetadata().getName());
        }

        @Override
        public void remove(Pod pod) {
            told.add("remove " + pod.getMetadata().getName());
        }
    };

    private static void write(Path file, String name) throws Exception {
        Files.writeString(
                file,
                "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {containers: [{name: a, image: x}]}}"
                        .formatted(name));
    }

    @Test
    void isFollowedAlsoWhereNobodyTellsOfChanges(@TempDir Path folder) throws Exception {
        // File systems of archives have no watch service.
        try (FileSystem archive = FileSystems.newFileSystem(folder.resolve("a.zip"), Map.of("create", "true"))) {
            Path manifests = Files.createDirectory(archive.getPath("/manifests"));
            write(manifests.resolve("one.yaml"), "one");
            Time time = new ManualTime(Instant.EPOCH);
            try (ManifestFolder source = new ManifestFolder(manifests, "n", Duration.ofMillis(20), time, listener)) {
                source.start().get(20, TimeUnit.SECONDS);
                assertEquals("set one-n", told.poll(20, TimeUnit.SECONDS));
                write(manifests.resolve("two.yaml"), "two");
                assertEquals("set two-n", told.poll(20, TimeUnit.SECONDS));
                Files.delete(manifests.resolve("one.yaml"));
                assertEquals("remove one-n", told.poll(20, TimeUnit.SECONDS));
            }
        }
    }
}
