package io.keelson.benchmarks.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ObjectWatchTest {
    private static final String EVENT = "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"labels\":"
            + "{\"namespace\":\"no\"},\"namespace\":\"yes\",\"generation\":7},\"spec\":{\"a\":[1,{\"b\":2}]}}}";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void findsAFieldByItsPathAndNowhereElse() throws Exception {
        assertEquals("ADDED", ObjectWatch.text(bytes(EVENT), "type"));
        assertEquals("yes", ObjectWatch.text(bytes(EVENT), "object", "metadata", "namespace"));
        assertEquals("7", ObjectWatch.text(bytes(EVENT), "object", "metadata", "generation"));
        assertEquals("", ObjectWatch.text(bytes(EVENT), "object", "metadata", "name"));
        assertEquals("", ObjectWatch.text(bytes(EVENT), "object", "kind", "name"));
        assertEquals("", ObjectWatch.text(bytes(EVENT), "object", "spec", "a"));
        assertEquals("", ObjectWatch.text(bytes("[]"), "type"));
        assertEquals("", ObjectWatch.text(bytes("{\"type\":null}"), "type"));
    }

    @Test
    void whatIsNoJsonIsAnError() {
        assertThrows(IOException.class, () -> ObjectWatch.text(bytes("{\"type\"; 1}"), "other"));
        assertThrows(IOException.class, () -> ObjectWatch.text(bytes("{\"a\":" + "[".repeat(5_000)), "other"));
    }

    @Test
    void linesAreWholeHoweverTheyCome() throws Exception {
        byte[] text = bytes("one\ntwo\n\nthree\nunfinished");
        List<String> lines = new ArrayList<>();
        InputStream slow = new InputStream() {
            private int at;

            @Override
            public int read() {
                return at == text.length ? -1 : text[at++];
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                int next = read();
                if (next < 0) {
                    return -1;
                }
                into[offset] = (byte) next;
                return 1;
            }
        };
        ObjectWatch.lines(slow, line -> lines.add(new String(line, StandardCharsets.UTF_8)));
        assertEquals(List.of("one", "two", "three"), lines);
        lines.clear();
        ObjectWatch.lines(new ByteArrayInputStream(text), line -> lines.add(new String(line, StandardCharsets.UTF_8)));
        assertEquals(List.of("one", "two", "three"), lines);
    }

    @Test
    void anEventWithoutEndIsGivenUp() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                return length;
            }
        };
        List<byte[]> lines = Collections.synchronizedList(new ArrayList<>());
        IOException refused = assertThrows(IOException.class, () -> ObjectWatch.lines(endless, lines::add));
        assertTrue(String.valueOf(refused.getMessage()).contains("an event of more than"), refused::toString);
        assertEquals(List.of(), lines);
    }
}
