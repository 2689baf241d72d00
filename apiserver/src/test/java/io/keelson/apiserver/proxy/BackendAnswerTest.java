package io.keelson.apiserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class BackendAnswerTest {
    private static final String CHUNKED = """
            HTTP/1.1 100 Continue\r
            \r
            HTTP/1.1 201 Created\r
            X-A: 1\r
            X-A: 2\r
            Transfer-Encoding: chunked\r
            \r
            5\r
            hello\r
            6;x=y\r
             world\r
            0\r
            T: u\r
            \r
            """;

    /** Brings so many bytes at a time. */
    private record Dripping(InputStream from, int bytes) {
        InputStream stream() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    return from.read();
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    return from.read(into, offset, Math.min(length, bytes));
                }
            };
        }
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String body(BackendAnswer answer) throws IOException {
        try (InputStream body = answer.body()) {
            return new String(body.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Property
    void isTheSameInPiecesOfAnySize(@ForAll @IntRange(min = 1, max = 100) int size) throws IOException {
        BackendAnswer answer = new BackendAnswer(new Dripping(bytes(CHUNKED), size).stream(), false);
        assertEquals(201, answer.status());
        assertEquals(List.of("1", "2"), answer.all("x-a"));
        assertEquals("hello world", body(answer));
    }

    @Test
    void endsWithItsLengthOrTheConnection() throws IOException {
        assertEquals(
                "abc", body(new BackendAnswer(bytes("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef"), false)));
        assertEquals("abcdef", body(new BackendAnswer(bytes("HTTP/1.0 200 OK\r\n\r\nabcdef"), false)));
        assertEquals("", body(new BackendAnswer(bytes("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"), true)));
        assertEquals("", body(new BackendAnswer(bytes("HTTP/1.1 204 No Content\r\n\r\n"), false)));
    }

    @Test
    void breaksOffWhereItBreaksOff() throws IOException {
        for (String cut : List.of(
                "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc")) {
            BackendAnswer answer = new BackendAnswer(bytes(cut), false);
            assertThrows(IOException.class, () -> body(answer), cut);
        }
    }

    @Test
    void refusesHeadsThatAreNoneOrTooLong() {
        for (String head : List.of(
                "",
                "HTTP/1.1 200",
                "SSH-2.0-x\r\n\r\n",
                "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(50_000) + "\r\n",
                "HTTP/1.1 200 " + "O".repeat(20_000) + "\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n".repeat(100))) {
            assertThrows(IOException.class, () -> new BackendAnswer(bytes(head), false));
        }
    }

    @Test
    void keepsWhatComesRightBehindASwitch() throws IOException {
        BackendAnswer answer = new BackendAnswer(
                bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nfirst bytes"),
                false);
        assertTrue(answer.switchesProtocols());
        assertEquals("first bytes", new String(answer.raw().readAllBytes(), StandardCharsets.ISO_8859_1));
    }
}
