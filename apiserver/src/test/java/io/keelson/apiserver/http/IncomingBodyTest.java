package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies in pieces, large and small. */
class IncomingBodyTest {
    private static IncomingBody body() {
        return new IncomingBody(-1, Duration.ofSeconds(30), () -> {}, () -> {});
    }

    /** Pieces of all lengths, also empty ones. */
    private static List<byte[]> pieces(long seed) {
        Random random = new Random(seed);
        List<byte[]> pieces = new ArrayList<>();
        int count = random.nextInt(2_000);
        for (int i = 0; i < count; i++) {
            byte[] piece = new byte[random.nextInt(1 << random.nextInt(12))];
            random.nextBytes(piece);
            pieces.add(piece);
        }
        return pieces;
    }

    private static byte[] joined(List<byte[]> pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        pieces.forEach(all::writeBytes);
        return all.toByteArray();
    }

    @Test
    void aFloodOfBytesIsNotHeldAsOneObjectForEach() throws IOException {
        IncomingBody body = body();
        byte[] sent = new byte[50_000];
        new Random(1).nextBytes(sent);
        for (byte one : sent) {
            body.add(new byte[] {one});
        }
        body.end();
        InputStream in = body.stream();
        byte[] received = new byte[sent.length + 1];
        int at = 0;
        int pieces = 0;
        for (int n = in.read(received); n >= 0; n = in.read(received, at, received.length - at)) {
            at += n;
            pieces++;
        }
        assertEquals(sent.length, at);
        assertTrue(pieces < 100, pieces + " pieces");
        for (int i = 0; i < sent.length; i++) {
            assertEquals(sent[i], received[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aWholeBodyIsWhatCameInOrder(long seed) throws InterruptedException {
        List<byte[]> pieces = pieces(seed);
        IncomingBody body = body();
        Thread client = Thread.ofVirtual().start(() -> {
            pieces.forEach(body::add);
            body.end();
        });
        assertArrayEquals(joined(pieces), body.bytes(16 << 20));
        client.join();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aWholeBodyMayBeAsLongAsItsLimitAndNoLonger(long seed) {
        List<byte[]> pieces = pieces(seed);
        byte[] all = joined(pieces);
        IncomingBody exact = body();
        pieces.forEach(exact::add);
        exact.end();
        assertArrayEquals(all, exact.bytes(all.length));
        IncomingBody over = body();
        pieces.forEach(over::add);
        over.add(new byte[] {1});
        over.end();
        assertEquals(
                413,
                assertThrows(ApiException.class, () -> over.bytes(all.length)).code());
    }
}
