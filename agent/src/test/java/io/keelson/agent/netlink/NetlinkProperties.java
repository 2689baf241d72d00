package io.keelson.agent.netlink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class NetlinkProperties {
    private static byte[] message(Random random, byte[] value, String text) {
        NetlinkWriter writer = new NetlinkWriter(7);
        int first = writer.begin(0x0a03, 1);
        assertEquals(7, first);
        writer.netfilterHeader(2, 0).text(1, text).number32(2, random.nextInt());
        int nested = writer.nest(3);
        writer.bytes(1, value).number64(2, 1L << 40).number16(3, 8080).number8(4, 200);
        writer.unnest(nested);
        writer.end();
        int second = writer.begin(0x0a04, 1);
        assertEquals(8, second);
        writer.netfilterHeader(2, 0).end();
        return writer.written();
    }

    @Property(tries = 200)
    void whatIsWrittenIsRead(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] value = new byte[random.nextInt(5000)];
        random.nextBytes(value);
        String text = "name" + random.nextInt();
        List<NetlinkMessage> messages = NetlinkMessage.in(ByteBuffer.wrap(message(random, value, text)));
        assertEquals(2, messages.size());
        assertEquals(0x0a03, messages.getFirst().type());
        assertEquals(8, messages.getLast().sequence());
        Attributes attributes = messages.getFirst().attributes();
        assertEquals(text, attributes.text(1));
        Attributes nested = attributes.nested(3);
        assertArrayEquals(value, nested.bytes(1));
        assertEquals(1L << 40, nested.number(2, 0));
        assertEquals(8080, nested.number(3, 0));
        assertEquals(200, nested.number(4, 0));
        assertEquals(-1, nested.number(5, -1));
    }

    @Property(tries = 500)
    void damagedBytesReadAsSomethingOrNothing(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = message(random, new byte[random.nextInt(50)], "name");
        int damages = 1 + random.nextInt(5);
        for (int i = 0; i < damages; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        ByteBuffer cut =
                ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1)).slice();
        for (NetlinkMessage message : NetlinkMessage.in(cut)) {
            int _ = message.error();
            Attributes attributes = message.attributes();
            assertTrue(attributes.text(1).length() <= bytes.length);
            for (ByteBuffer element : attributes.elements(3)) {
                assertTrue(element.limit() <= bytes.length);
            }
            long _ = attributes.nested(3).number(2, 5);
        }
    }
}
