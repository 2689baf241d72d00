package io.keelson.raft.jraft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.option.SnapshotCopierOptions;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotCopier;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import io.keelson.raft.Await;
import io.keelson.raft.FreePorts;
import io.keelson.raft.transport.PeerIdentity;
import io.keelson.raft.transport.PeerTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotCopyTest {
    private static final long FROM = 1;
    private static final long TO = 2;
    private static final long INDEX = 1_200;
    private static final int FILES = 6;
    private static final int FILE_BYTES = (1 << 20) + 12_345;

    @TempDir
    Path directory;

    private final String url = "http://127.0.0.1:" + FreePorts.one();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private final List<byte[]> contents = new ArrayList<>();
    private @Nullable PeerTransport server;
    private @Nullable PeerTransport client;
    private @Nullable SnapshotFolder target;

    @BeforeEach
    void makeSnapshot() throws IOException {
        SnapshotFolder source = folder("source", FROM, transport(FROM));
        SnapshotWriter writer = source.create();
        assertNotNull(writer);
        Random random = new Random(5);
        Files.createDirectories(Path.of(writer.getPath(), "state"));
        for (int i = 0; i < FILES; i++) {
            byte[] content = new byte[FILE_BYTES];
            random.nextBytes(content);
            contents.add(content);
            Files.write(Path.of(writer.getPath(), "state", "f" + i), content);
            writer.addFile("state/f" + i);
        }
        writer.saveMeta(SnapshotMeta.newBuilder()
                .setLastIncludedIndex(INDEX)
                .setLastIncludedTerm(3)
                .addPeers(MemberNames.peer(FROM).toString())
                .build());
        writer.close();
        client = transport(TO);
        client.updateAddresses(Map.of(FROM, List.of(url)));
        target = folder("target", TO, client);
    }

    @AfterEach
    void close() {
        stopServer();
        if (client != null) {
            client.close();
        }
        timer.shutdownNow();
    }

    @Test
    void aSnapshotIsCopiedAsItIs() throws IOException, InterruptedException {
        serve(0);
        assertCopied(copier());
        assertNull(failure.get());
    }

    @Test
    void aCopyThatIsCutOffGoesOnWhenTheOtherIsBack() throws IOException, InterruptedException {
        serve(4 << 20);
        SnapshotCopier copier = copier();
        Await.until("two files are there", () -> Files.exists(incoming("state/f1")));
        stopServer();
        FileTime stamp = FileTime.from(Instant.EPOCH);
        Files.setLastModifiedTime(incoming("state/f0"), stamp);
        serve(0);
        assertCopied(copier);
        assertEquals(stamp, Files.getLastModifiedTime(copied("state/f0")), "f0 was copied again");
    }

    @Test
    void whatIsCompleteIsKeptWhenACopyIsGivenUp() throws IOException, InterruptedException {
        serve(4 << 20);
        SnapshotCopier first = copier();
        Await.until("two files are there", () -> Files.exists(incoming("state/f1")));
        first.cancel();
        first.join();
        assertFalse(first.isOk());
        assertNull(first.getReader());
        FileTime stamp = FileTime.from(Instant.EPOCH);
        Files.setLastModifiedTime(incoming("state/f0"), stamp);
        stopServer();
        serve(0);
        assertNotNull(client);
        target = folder("target", TO, client);
        assertCopied(copier());
        assertEquals(stamp, Files.getLastModifiedTime(copied("state/f0")), "f0 was copied again");
    }

    @Test
    void theRateIsLimited() throws IOException, InterruptedException {
        serve(4 << 20);
        long begun = System.nanoTime();
        assertCopied(copier());
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertTrue(seconds > 1.2, FILES + " MiB at 4 MiB/s took only " + seconds + " s");
    }

    @Test
    void aSnapshotThatIsGoneIsNotWaitedFor() throws InterruptedException, IOException {
        serve(0);
        assertNotNull(target);
        SnapshotCopier copier = target.startToCopyFrom(SnapshotDownload.uri(FROM, 77), new SnapshotCopierOptions());
        assertNotNull(copier);
        copier.join();
        assertFalse(copier.isOk());
    }

    @Test
    void aDamagedListOfFilesIsNamedAtTheStart() throws IOException {
        Path manifest = directory.resolve("source/snapshot_" + INDEX + "/manifest");
        byte[] bytes = Files.readAllBytes(manifest);
        bytes[9] ^= 1;
        Files.write(manifest, bytes);
        PeerTransport unused = transport(3);
        SnapshotFolder damaged = new SnapshotFolder(directory.resolve("source"), true, 3, unused, failure::set);
        assertFalse(damaged.init(null));
        String told = failure.get();
        assertNotNull(told);
        assertTrue(told.contains(manifest.toString()), told);
        unused.close();
    }

    private SnapshotCopier copier() {
        assertNotNull(target);
        SnapshotCopier copier = target.startToCopyFrom(SnapshotDownload.uri(FROM, INDEX), new SnapshotCopierOptions());
        assertNotNull(copier);
        return copier;
    }

    private void assertCopied(SnapshotCopier copier) throws IOException, InterruptedException {
        copier.join();
        assertTrue(copier.isOk(), copier.toString());
        SnapshotReader reader = copier.getReader();
        assertNotNull(reader);
        assertEquals(INDEX, reader.load().getLastIncludedIndex());
        for (int i = 0; i < FILES; i++) {
            assertArrayEquals(contents.get(i), Files.readAllBytes(copied("state/f" + i)));
        }
        reader.close();
    }

    private Path incoming(String name) {
        return directory.resolve("target/incoming-" + FROM + "-" + INDEX).resolve(name);
    }

    private Path copied(String name) {
        return directory.resolve("target/snapshot_" + INDEX).resolve(name);
    }

    private void serve(long bytesPerSecondMax) throws IOException {
        PeerTransport started = transport(FROM);
        SnapshotFolder source = folder("source", FROM, started);
        new SnapshotService(source, started, timer, bytesPerSecondMax).register();
        started.listen(List.of(url), false);
        server = started;
    }

    private void stopServer() {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    private SnapshotFolder folder(String name, long member, PeerTransport transport) {
        SnapshotFolder folder = new SnapshotFolder(directory.resolve(name), true, member, transport, failure::set);
        assertTrue(folder.init(null));
        return folder;
    }

    private static PeerTransport transport(long member) throws IOException {
        return new PeerTransport(new PeerIdentity(7, member), null);
    }
}
