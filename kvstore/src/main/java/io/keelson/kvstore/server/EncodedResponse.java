package io.keelson.kvstore.server;

import com.google.protobuf.MessageLite;
import io.keelson.kvstore.mvcc.AnswerBody;
import java.util.List;

/**
 * A response that is already in protobuf encoding, in pieces that go to the wire one after the other. Protobuf merges
 * fields that follow each other, so an encoded header in front of an encoded body is a complete response.
 *
 * @param head first bytes, typically {@link Headers#encoded}
 * @param body the bytes after it
 * @param rest pieces after that, of large responses
 */
public record EncodedResponse(byte[] head, byte[] body, List<byte[]> rest) {
    private static final byte[] NOTHING = {};

    public EncodedResponse(byte[] head, byte[] body) {
        this(head, body, List.of());
    }

    public EncodedResponse(byte[] head, AnswerBody body) {
        this(head, body.first(), body.rest());
    }

    public static EncodedResponse of(MessageLite message) {
        return new EncodedResponse(NOTHING, message.toByteArray());
    }

    public int sizeBytes() {
        int sum = head.length + body.length;
        for (byte[] piece : rest) {
            sum = Math.addExact(sum, piece.length);
        }
        return sum;
    }
}
