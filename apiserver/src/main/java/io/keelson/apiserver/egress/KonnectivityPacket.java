package io.keelson.apiserver.egress;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * What is sent over a stream of a konnectivity server: a protobuf message with a type and, in a field for each type, what
 * belongs to it.
 *
 * <pre>
 * Packet { type = 1, dialRequest = 2, dialResponse = 3, data = 4, closeRequest = 5, closeResponse = 6, closeDial = 7 }
 * DialRequest { protocol = 1, address = 2, random = 3 }      DialResponse { error = 1, connectID = 2, random = 3 }
 * Data { connectID = 1, error = 2, data = 3 }
 * CloseRequest { connectID = 1 }                             CloseResponse { error = 1, connectID = 2 }
 * CloseDial { random = 1 }
 * </pre>
 *
 * @param type one of those named here; others are to be passed over
 * @param number what a connection or a dial is called by
 * @param bytes that are carried
 */
record KonnectivityPacket(int type, String error, long number, byte[] bytes) {
    static final int DIAL_REQUEST = 0;
    static final int DIAL_RESPONSE = 1;
    static final int CLOSE_REQUEST = 2;
    static final int CLOSE_RESPONSE = 3;
    static final int DATA = 4;
    static final int CLOSE_DIAL = 5;

    /** The field of a packet's type, and the fields of its parts within that; 0 for a part that is not there. */
    private enum Payload {
        DIAL_RESPONSE(3, 1, 2, 0),
        DATA(4, 2, 1, 3),
        CLOSE_RESPONSE(6, 1, 2, 0),
        CLOSE_DIAL(7, 0, 1, 0);

        private final int field;
        private final int error;
        private final int number;
        private final int bytes;

        Payload(int field, int error, int number, int bytes) {
            this.field = field;
            this.error = error;
            this.number = number;
            this.bytes = bytes;
        }
    }

    /** What writes a message. */
    @FunctionalInterface
    private interface Message {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] written(Message message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            message.write(out);
            out.flush();
        } catch (IOException e) {
            // Nothing that writes to memory.
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] packet(int type, int field, Message payload) {
        return written(out -> {
            out.writeEnum(1, type);
            out.writeByteArray(field, written(payload));
        });
    }

    /** @param random what the answer is to be known by */
    static byte[] dialRequest(String address, long random) {
        return packet(DIAL_REQUEST, 2, out -> {
            out.writeString(1, "tcp");
            out.writeString(2, address);
            out.writeInt64(3, random);
        });
    }

    static byte[] data(long connection, byte[] bytes, int offset, int length) {
        return packet(DATA, 4, out -> {
            out.writeInt64(1, connection);
            out.writeByteArray(3, Arrays.copyOfRange(bytes, offset, offset + length));
        });
    }

    static byte[] closeRequest(long connection) {
        return packet(CLOSE_REQUEST, 5, out -> out.writeInt64(1, connection));
    }

    static byte[] closeDial(long random) {
        return packet(CLOSE_DIAL, 7, out -> out.writeInt64(1, random));
    }

    /** @throws IOException if it is none */
    static KonnectivityPacket read(byte[] message) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(message);
        int type = 0;
        KonnectivityPacket payload = new KonnectivityPacket(0, "", 0, new byte[0]);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            int wireType = WireFormat.getTagWireType(tag);
            if (field == 1 && wireType == WireFormat.WIRETYPE_VARINT) {
                type = in.readEnum();
            } else if (wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                byte[] inner = in.readByteArray();
                for (Payload known : Payload.values()) {
                    if (known.field == field) {
                        payload = read(known, inner);
                    }
                }
            } else if (!in.skipField(tag)) {
                throw new IOException("a group ends that did not begin");
            }
        }
        return new KonnectivityPacket(type, payload.error, payload.number, payload.bytes);
    }

    private static KonnectivityPacket read(Payload payload, byte[] message) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(message);
        String error = "";
        long number = 0;
        byte[] bytes = {};
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            int wireType = WireFormat.getTagWireType(tag);
            if (field == payload.error && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                error = in.readStringRequireUtf8();
            } else if (field == payload.number && wireType == WireFormat.WIRETYPE_VARINT) {
                number = in.readInt64();
            } else if (field == payload.bytes && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                bytes = in.readByteArray();
            } else if (!in.skipField(tag)) {
                throw new IOException("a group ends that did not begin");
            }
        }
        return new KonnectivityPacket(0, error, number, bytes);
    }
}
