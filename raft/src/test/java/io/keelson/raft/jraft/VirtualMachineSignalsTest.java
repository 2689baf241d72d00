package io.keelson.raft.jraft;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;

class VirtualMachineSignalsTest {
    private volatile boolean done;

    @Test
    void aFlightRecordingHasSamplesWhenTheLibraryIsLoaded() throws InterruptedException {
        VirtualMachineSignals.keep();
        CountDownLatch sampled = new CountDownLatch(1);
        Thread busy = Thread.ofPlatform().daemon().name("busy").start(() -> {
            while (!done) {
                Thread.onSpinWait();
            }
        });
        try (RecordingStream recording = new RecordingStream()) {
            recording.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(10));
            recording.onEvent("jdk.ExecutionSample", event -> sampled.countDown());
            recording.startAsync();
            assertTrue(sampled.await(30, TimeUnit.SECONDS), "no sample of a thread that is always busy");
        } finally {
            done = true;
            busy.join();
        }
        String[] reports =
                Path.of("").toAbsolutePath().toFile().list((_, name) -> name.startsWith("node_describe.log"));
        assertTrue(reports == null || reports.length == 0, "reports of the library in the working directory");
    }
}
