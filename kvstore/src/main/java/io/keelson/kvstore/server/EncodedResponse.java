package io.keelson.kvstore.server;

import com.google.protobuf.MessageLite;

/**
 * A response that is already in protobuf encoding, in up to two pieces that go to the wire one after the other. Protobuf
 * merges fields that follow each other, so an encoded header in front of an encoded body is a complete response.
 *
 * @param head first bytes, typically {@link Headers#encoded}
 * @param body the bytes after it
 */
public record EncodedResponse(byte[] head, byte[] body) {
    private static final byte[] NOTHING = {};

    public static EncodedResponse of(MessageLite message) {
        return new EncodedResponse(NOTHING, message.toByteArray());
    }

    public int sizeBytes() {
        return head.length + body.length;
    }
}
