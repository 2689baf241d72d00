package io.keelson.apiserver.http;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.errors.StatusDetails;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A {@code Status} in Kubernetes' protobuf: four bytes of magic, then {@code runtime.Unknown} around {@code meta.v1.Status}
 * (the numbers are those of the published {@code generated.proto} files). Strings are written even if they are empty, as
 * the API does.
 */
final class StatusProtobuf {
    private static final byte[] MAGIC = {'k', '8', 's', 0};

    private StatusProtobuf() {}

    static byte[] encode(ApiException failure) {
        Message type = new Message().text(1, "v1").text(2, "Status");
        Message unknown = new Message()
                .message(1, type)
                .message(2, status(failure))
                .text(3, "")
                .text(4, "");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MAGIC);
        out.writeBytes(unknown.bytes());
        return out.toByteArray();
    }

    private static Message status(ApiException failure) {
        Message listMeta = new Message().text(1, "").text(2, "").text(3, failure.continueToken());
        Message status = new Message()
                .message(1, listMeta)
                .text(2, "Failure")
                .text(3, failure.message())
                .text(4, failure.reasonText());
        if (!failure.details().equals(StatusDetails.NONE)) {
            status.message(5, details(failure.details()));
        }
        return status.number(6, failure.code());
    }

    private static Message details(StatusDetails details) {
        Message message =
                new Message().text(1, details.name()).text(2, details.group()).text(3, details.kind());
        for (StatusCause cause : details.causes()) {
            message.message(
                    4,
                    new Message()
                            .text(1, cause.reason())
                            .text(2, cause.message())
                            .text(3, cause.field()));
        }
        return message.number(5, details.retryAfterSeconds()).text(6, details.uid());
    }

    /** A message being written, field by field. */
    private static final class Message {
        private static final int VARINT = 0;
        private static final int LENGTH_DELIMITED = 2;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes());
        }

        Message number(int field, long value) {
            varint(field << 3 | VARINT);
            varint(value);
            return this;
        }

        private Message bytes(int field, byte[] value) {
            varint(field << 3 | LENGTH_DELIMITED);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
