package io.keelson.kvstore.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

final class CallProgressTest {
    private static ByteBuf message(int bodyBytes) {
        return Unpooled.buffer().writeByte(0).writeInt(bodyBytes).writeZero(bodyBytes);
    }

    @Test
    void whatIsBehindTheLastWholeMessageIsAPartOfTheNext() {
        CallProgress progress = new CallProgress();
        assertEquals(0, progress.follow(message(7)));
        assertTrue(progress.ended());
        assertEquals(0, progress.follow(message(0)), "an empty message is one");
        assertTrue(progress.ended());
        assertEquals(0, progress.follow(Unpooled.wrappedBuffer(message(3), message(4))));
        assertEquals(
                9,
                progress.follow(Unpooled.wrappedBuffer(message(3), message(300).readSlice(9))));
        assertTrue(progress.ended());
        assertEquals(295, progress.follow(Unpooled.buffer().writeZero(295)), "one byte is still missing");
        assertFalse(progress.ended());
        assertEquals(0, progress.follow(Unpooled.buffer().writeZero(1)));
    }

    @Test
    void aMessageIsFollowedByteByByte() {
        CallProgress progress = new CallProgress();
        ByteBuf bytes = message(0x0102);
        for (int left = bytes.readableBytes(); left > 1; left--) {
            assertEquals(1, progress.follow(bytes.readSlice(1)));
            assertFalse(progress.ended());
        }
        assertEquals(0, progress.follow(bytes.readSlice(1)));
        assertTrue(progress.ended());
    }

    @Test
    void theLengthHasNoSign() {
        CallProgress progress = new CallProgress();
        assertEquals(
                105, progress.follow(Unpooled.buffer().writeByte(0).writeInt(-1).writeZero(100)));
        assertEquals(1_000, progress.follow(Unpooled.buffer().writeZero(1_000)));
        assertFalse(progress.ended());
    }
}
