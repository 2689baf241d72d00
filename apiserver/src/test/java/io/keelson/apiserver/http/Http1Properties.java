package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parser of HTTP/1.1, fed with pieces of any size, and with what it must refuse. */
class Http1Properties {
    private static @Nullable RequestHead parse(String text) throws MalformedRequestException {
        return new RequestHeadParser(HttpLimits.DEFAULT)
                .parse(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    /** A parser sees the same request wherever the network cuts it, and takes no byte of what follows. */
    @Property(tries = 200)
    void readsTheSameWhereverItIsCut(
            @ForAll @Size(max = 8) List<@IntRange(min = 1, max = 700) Integer> chunks, @ForAll long seed)
            throws MalformedRequestException {
        Random random = new Random(seed);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        write(wire, "POST /a?b HTTP/1.1\r\nHost: h\r\nX-Y:  z \r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int size : chunks) {
            byte[] data = new byte[size];
            random.nextBytes(data);
            expected.writeBytes(data);
            write(wire, Integer.toHexString(size) + (random.nextBoolean() ? ";ext=1" : "") + "\r\n");
            wire.writeBytes(data);
            write(wire, "\r\n");
        }
        write(wire, "0\r\nTrailer: x\r\n\r\nREST");

        RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
        ByteBuf in = Unpooled.buffer();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        BodyFraming framing = null;
        byte[] all = wire.toByteArray();
        for (int at = 0; at < all.length; ) {
            int piece = Math.min(all.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 500));
            in.writeBytes(all, at, piece);
            at += piece;
            if (framing == null) {
                RequestHead head = parser.parse(in);
                if (head != null) {
                    assertEquals("/a?b", head.target());
                    assertEquals("z", head.headers().first("x-y"));
                    framing = BodyFraming.of(head);
                }
            }
            if (framing != null) {
                for (byte[] next = framing.next(in); next != null; next = framing.next(in)) {
                    body.writeBytes(next);
                }
            }
        }
        assertTrue(framing != null && framing.done());
        assertArrayEquals(expected.toByteArray(), body.toByteArray());
        assertEquals("REST", in.toString(StandardCharsets.US_ASCII));
    }

    /** Whatever comes, it is a request, an unfinished one, or refused; nothing else happens. */
    @Property(tries = 500)
    void refusesRubbish(@ForAll @Size(max = 200) byte[] bytes) {
        RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
        try {
            parser.parse(Unpooled.wrappedBuffer(bytes));
        } catch (MalformedRequestException e) {
            assertTrue(e.status() >= 400);
        }
        try {
            new BodyFraming.Chunks().next(Unpooled.wrappedBuffer(bytes));
        } catch (MalformedRequestException e) {
            assertEquals(400, e.status());
        }
    }

    private static void write(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\nHost: h\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\n X: folded\r\n\r\n",
                "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: user@h\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nNo colon\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\n: empty\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nBäd: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: \r\n\r\n",
                "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999999999999\r\n\r\n",
                "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
                "GET /\tx HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /\r\n\r\n",
                "GE(T / HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET / HTP/1.1\r\nHost: h\r\n\r\n",
                "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
            })
    void refusesWhatOthersMightReadDifferently(String text) {
        MalformedRequestException e = assertThrows(MalformedRequestException.class, () -> parse(text));
        assertEquals(400, e.status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "chunked, chunked", "gzip, chunked", "xchunked", "chunked;x"})
    void refusesOtherTransferEncodings(String encoding) {
        MalformedRequestException e = assertThrows(
                MalformedRequestException.class,
                () -> parse("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + encoding + "\r\n\r\n"));
        assertEquals(501, e.status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                "x\r\n",
                "-1\r\n",
                " 1\r\n",
                "1 x\r\n",
                "fffffffffffffffff\r\n",
                "1\n",
                "1\r\nabc",
                "0\r\nx\n"
            })
    void refusesMalformedChunks(String text) {
        BodyFraming framing = new BodyFraming.Chunks();
        ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
        assertThrows(MalformedRequestException.class, () -> {
            while (framing.next(in) != null) {
                // Until it is refused.
            }
        });
    }

    @Test
    void boundsWhatIsBesideTheChunks() {
        BodyFraming framing = new BodyFraming.Chunks();
        ByteBuf in =
                Unpooled.copiedBuffer(("1;" + "x".repeat(4_000) + "\r\na\r\n").repeat(100), StandardCharsets.US_ASCII);
        assertThrows(MalformedRequestException.class, () -> {
            while (framing.next(in) != null) {
                // Until it is refused.
            }
        });
    }

    @Test
    void readsHttp10() throws MalformedRequestException {
        RequestHead head = assertNotNull(parse("GET / HTTP/1.0\r\n\r\n"));
        assertTrue(head.http10() && !head.keepAlive());
        RequestHead alive = assertNotNull(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
        assertTrue(alive.keepAlive());
    }

    private static RequestHead assertNotNull(@Nullable RequestHead head) {
        if (head == null) {
            throw new AssertionError("no request");
        }
        return head;
    }
}
