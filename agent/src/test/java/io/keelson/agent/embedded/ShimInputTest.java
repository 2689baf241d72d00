package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is written to a shim's socket, it goes on, and answers the next one. */
@Tag("root")
class ShimInputTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private Path socket;
    private ShimClient shim;
    private long pid;

    @BeforeEach
    void begin() throws Exception {
        socket = folder.resolve("s.sock");
        Files.createDirectories(folder.resolve("pod/containers"));
        pid = ShimProgram.install(folder.resolve("bin"))
                .start(folder.resolve("pod"), new ShimFields().text(ShimTag.SOCKET, socket.toString()))
                .shim();
        shim = new ShimClient(socket);
    }

    @AfterEach
    void end() throws Exception {
        shim.shutDown();
        assertFalse(Files.exists(socket));
    }

    @Test
    void randomBytesDoNoHarm() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (i % 2 == 0 && bytes.length >= 8) {
                // A right head, so that what follows is looked at.
                byte[] head = {'K', 1, (byte) random.nextInt(70), 0, (byte) (bytes.length - 8), 0, 0, 0};
                head[2] = head[2] == ShimMessage.SHUTDOWN ? ShimMessage.START : head[2];
                System.arraycopy(head, 0, bytes, 0, head.length);
            }
            write(bytes);
        }
        assertEquals(List.of(), shim.status());
    }

    @Test
    void damagedRequestsAreRefused() throws Exception {
        byte[] right = new ShimFields()
                .text(ShimTag.ID, "c")
                .text(ShimTag.ROOT, folder.toString())
                .text(ShimTag.ARGUMENT, "/bin/true")
                .fields(ShimTag.MOUNT, new ShimFields().text(ShimTag.PATH, "/x").text(ShimTag.SOURCE, "/y"))
                .number(ShimTag.USER, 3)
                .toBytes();
        Random random = new Random(11);
        for (int i = 0; i < 500; i++) {
            byte[] damaged = right.clone();
            for (int j = 0; j <= random.nextInt(3); j++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try (ShimConnection connection = ShimConnection.open(socket)) {
                connection.send(ShimMessage.START, damaged);
                ShimConnection.Frame answer = connection.receive();
                assertTrue(answer == null || answer.message() == ShimMessage.FAILED, "damaged " + i);
            }
        }
        assertEquals(List.of(), shim.status());
    }

    @Test
    void refusalsSayWhatWasWrong() {
        assertRefused("the request has no right id", ShimMessage.START, new ShimFields().text(ShimTag.ID, "../x"));
        assertRefused("there is no command to run", ShimMessage.START, new ShimFields().text(ShimTag.ID, "x"));
        assertRefused(
                "the container has no root",
                ShimMessage.START,
                new ShimFields().text(ShimTag.ID, "x").text(ShimTag.ARGUMENT, "y"));
        assertRefused("the container was not started", ShimMessage.ATTACH, new ShimFields().text(ShimTag.ID, "x"));
        assertRefused("connection refused", ShimMessage.DIAL, new ShimFields().number(ShimTag.PORT, 1));
        assertRefused("this shim knows no request 99", 99, new ShimFields());
    }

    @Test
    void memoryDoesNotGrowWithWhatIsAnnounced() throws Exception {
        List<SocketChannel> open = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(new byte[] {'K', 1, ShimMessage.START, 0, 0, 0, 0x3F, 0}));
            open.add(channel);
        }
        assertEquals(List.of(), shim.status());
        String resident = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        assertTrue(Long.parseLong(resident.replaceAll("\\D", "")) < 4096, resident);
        for (SocketChannel channel : open) {
            channel.close();
        }
    }

    private void assertRefused(String why, int message, ShimFields request) {
        try (ShimConnection connection = ShimConnection.open(socket)) {
            ShimRefusal refusal = assertThrows(ShimRefusal.class, () -> connection.request(message, request, LIMIT));
            assertEquals(why, refusal.reason());
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private void write(byte[] bytes) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException refused) {
            // It may close before it has read all of it.
        }
    }
}
