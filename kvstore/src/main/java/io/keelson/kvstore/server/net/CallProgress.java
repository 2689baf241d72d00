package io.keelson.kvstore.server.net;

import io.netty.buffer.ByteBuf;

/**
 * How far the messages of one gRPC stream have come in. A message is a byte of flags, four bytes that say how many follow,
 * and those. Frames of HTTP/2 know nothing of where one ends. Event loop of the connection only.
 */
final class CallProgress {
    private static final int PREFIX_BYTES = 5;

    private int prefixBytes;
    private long bodyBytesLeft;
    private boolean ended;

    /**
     * Goes over what has come.
     *
     * @return how many bytes at its end belong to a message that is not whole
     */
    int follow(ByteBuf data) {
        ended = false;
        int end = data.writerIndex();
        int boundary = data.readerIndex();
        int at = boundary;
        while (at < end) {
            if (prefixBytes < PREFIX_BYTES) {
                if (prefixBytes > 0) {
                    bodyBytesLeft = bodyBytesLeft << 8 | data.getUnsignedByte(at);
                }
                prefixBytes++;
                at++;
            } else {
                long taken = Math.min(bodyBytesLeft, end - at);
                bodyBytesLeft -= taken;
                at += (int) taken;
            }
            if (prefixBytes == PREFIX_BYTES && bodyBytesLeft == 0) {
                prefixBytes = 0;
                boundary = at;
                ended = true;
            }
        }
        return end - boundary;
    }

    /** Whether a message became whole in what {@link #follow} went over last. */
    boolean ended() {
        return ended;
    }
}
